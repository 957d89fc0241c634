export const PROMPT = 'Which trail near Moab is dry?';
export const TOOL = 'weather';
/** The tool's input. */
export const place = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] };

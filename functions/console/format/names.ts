/**
 * Characters that nobody sees and that change how a text reads: controls, marks of direction, spaces without a width. The joiner of
 * emoji stays.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it looks for.
const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** A name that a caller chose, with what can't be seen written out, such as `⟨U+202E⟩`. */
export const visibleName = (name: string): string =>
  name.replace(unseen, (character) => `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);

/** A text of several lines, with what can't be seen written out but for its line ends. */
export const visibleText = (text: string): string => text.split('\n').map(visibleName).join('\n');

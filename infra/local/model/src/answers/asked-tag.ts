/** Tags that a prompt asks to put around the answer; they are others in each call. */
const tag = /<(answer-[0-9a-f]{12})>/;

/** The name of the tag that a prompt asks for, if it asks for one. */
export const askedTag = (prompt: string): string | undefined => tag.exec(prompt)?.[1];

/** An answer in the tag that the prompt asks for. */
export function inAskedTag(json: string, prompt: string): string {
  const name = askedTag(prompt);
  return name === undefined ? json : `<${name}>${json}</${name}>`;
}

/** The prompt as it would be in every call. */
export const withoutTag = (prompt: string): string => prompt.replaceAll(askedTag(prompt) ?? 'answer', 'answer');

/** Scaled down, an image of Anthropic's newest models has no more. */
const MOST_OF_CLAUDE = 4_784;
/** A large picture in eight tiles for `gpt-4o-mini`, which counts the most of all. */
const MOST_OF_ANY = 48_169;

/** The most tokens of one image. */
export const mostImageTokens = (api: 'messages' | 'openai'): number =>
  api === 'messages' ? MOST_OF_CLAUDE : MOST_OF_ANY;

/** Tokens that an image usually has, where an estimate has to do. */
export const usualImageTokens = (model: string): number => (/(^|\/)gpt-4o-mini/.test(model) ? MOST_OF_ANY : 1_568);

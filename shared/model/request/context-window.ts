const MILLION = 1_000_000;
/** The largest contexts of Google's and xAI's models. */
const LARGEST = 2_097_152;

/** Models whose context ends at 200,000 tokens; the later ones, and any that we do not know, take a million. */
const small = /^(?:.*[./])?claude-(3|haiku-4-5|(opus|sonnet)-4-5|opus-4-1|(opus|sonnet)-4-(0|2025))/;

/** Models that hear and speak in chat completions. */
const hearing = /(^|\/)gpt-(audio|4o-(mini-)?audio)/;
const HEARING_WINDOW = 128_000;

/** Models whose prompts have at most a million tokens, and what names none: the Messages API has no larger one. */
const ofAnthropic = /^$|claude/i;

/** The most tokens that one prompt can have. @param longContext whether the request asks for a million where that is a choice */
export const contextWindow = (model: string, longContext = false): number =>
  ofAnthropic.test(model)
    ? !longContext && small.test(model)
      ? 200_000
      : MILLION
    : hearing.test(model)
      ? HEARING_WINDOW
      : LARGEST;

/** What a walk over a request finds besides the bytes of its texts. */
export interface FoundContent {
  images: number;
  /** The most tokens that its sounds can become. */
  soundTokens: number;
  /** Members that read what the request does not contain: PDFs, files, addresses, containers. Each name once. */
  opaqueBy: string[];
  /** Bytes of the documents in it that are not text. */
  documentBytes: number;
  oneHourCache: boolean;
  /** True where it brings along what a model thought: only that model takes it again. */
  bindsModel: boolean;
  /** Definitions of tools, wherever the request defines them. */
  tools: Record<string, unknown>[];
  /** The first member, type, list or price-setting value without a rule. Names only: values may be anything, a prompt too. */
  unknown: string | undefined;
}

/**
 * How a value of a request counts. A text, number, boolean or null always counts its bytes. An object or a list needs a rule
 * that says what it holds; without one the request is unbounded.
 */
export interface Rule {
  /** Rule of each item of a list. */
  readonly items?: Rule;
  /** Rules of an object's members by name. */
  readonly members?: Readonly<Record<string, Rule>>;
  /** Rule of an object by its member `type`; `''` is that of an object without one. */
  readonly types?: Readonly<Record<string, Rule>>;
  /** Rule of each member, whatever its name. */
  readonly values?: Rule;
  /** The caller's own JSON, all of which is text to the model. */
  readonly json?: true;
  /** Bytes of a picture or file, which are not read as text. */
  readonly media?: true;
  /** Notes what an object means besides its text. */
  readonly note?: (object: Record<string, unknown>, found: FoundContent, name: string) => void;
}

/** The request reads something that it does not contain. */
export const noteOpaque = (_object: Record<string, unknown>, found: FoundContent, name: string): void => {
  if (!found.opaqueBy.includes(name)) found.opaqueBy.push(name);
};

/** The request brings along what a model thought. */
export const noteThinking: Rule['note'] = (_object, found) => {
  found.bindsModel = true;
};

export const textRule: Rule = {};
export const jsonRule: Rule = { json: true };
export const mediaRule: Rule = { media: true };
export const listRule = (items: Rule): Rule => ({ items });

/** An object with these members and no others. */
export const objectRule = (members: Record<string, Rule>, note?: Rule['note']): Rule => ({
  members,
  ...(note && { note }),
});

/** An object whose `type` is one of these; each entry may leave out the member `type` itself. */
export const typedRule = (types: Record<string, Rule>): Rule => ({
  types: Object.fromEntries(
    Object.entries(types).map(([type, rule]) => [type, { ...rule, members: { type: textRule, ...rule.members } }]),
  ),
});

import type { FoundContent, Rule } from './rules.ts';

/** What a walk over a request found. */
export interface Measured extends FoundContent {
  /** UTF-8 bytes of all texts, names and JSON signs: never fewer than the tokens they become (a token covers a byte or more). */
  textBytes: number;
  /** The part of `textBytes` in each member of the body itself, by its name. */
  bytesByMember: ReadonlyMap<string, number>;
}

/** Signs and separators around a JSON value. */
const BYTES_PER_NODE = 8;

/** Walks a parsed body by its rules, without recursion. */
export function measure(body: unknown, root: Rule): Measured {
  const bytesByMember = new Map<string, number>();
  const found: Measured = {
    textBytes: 0,
    bytesByMember,
    images: 0,
    soundTokens: 0,
    opaqueBy: [],
    documentBytes: 0,
    oneHourCache: false,
    bindsModel: false,
    tools: [],
    unknown: undefined,
  };
  const values: unknown[] = [body];
  const rules: Rule[] = [root];
  const names: string[] = [''];
  const push = (value: unknown, rule: Rule, name: string) => {
    values.push(value);
    rules.push(rule);
    names.push(name);
  };
  // A member of the body is walked to its end before the next one begins: then only members that wait are left.
  let waiting = -1;
  let member = '';
  let before = 0;
  const beginMember = () => {
    if (member !== '') bytesByMember.set(member, found.textBytes - before);
    member = names.at(-1) ?? '';
    before = found.textBytes;
    waiting -= 1;
  };
  while (values.length > 0) {
    if (values.length === waiting) beginMember();
    const value = values.pop();
    const rule = rules.pop() as Rule;
    const name = names.pop() as string;
    found.textBytes += BYTES_PER_NODE;
    if (typeof value === 'string') {
      if (!rule.media) found.textBytes += rule.json ? quotedBytes(value) : Buffer.byteLength(value);
    } else if (typeof value !== 'object' || value === null) found.textBytes += String(value).length;
    else if (Array.isArray(value)) {
      const item = rule.json ? rule : rule.items;
      if (item) for (const one of value) push(one, item, name);
      else found.unknown ??= `${name}[]`;
    } else walkObject(value as Record<string, unknown>, rule, name, found, push);
    if (waiting < 0) waiting = values.length;
  }
  beginMember();
  return found;
}

function walkObject(
  value: Record<string, unknown>,
  given: Rule,
  name: string,
  found: Measured,
  push: (value: unknown, rule: Rule, name: string) => void,
): void {
  const rule = given.types ? ofType(given.types, value['type']) : given;
  if (!rule) found.unknown ??= within(name, `type ${nameOf(value['type'])}`);
  rule?.note?.(value, found, name);
  for (const key in value) {
    found.textBytes += (rule?.json ? quotedBytes(key) : Buffer.byteLength(key)) + BYTES_PER_NODE;
    const member = rule && ruleOf(rule, key);
    if (member) push(value[key], member, rule.json ? name : within(name, key));
    else if (rule) found.unknown ??= within(name, nameOf(key));
  }
}

function ofType(types: Readonly<Record<string, Rule>>, type: unknown): Rule | undefined {
  const key = type ?? '';
  return typeof key === 'string' && Object.hasOwn(types, key) ? types[key] : undefined;
}

function ruleOf(rule: Rule, key: string): Rule | undefined {
  if (rule.json) return rule;
  if (rule.members && Object.hasOwn(rule.members, key)) return rule.members[key];
  return rule.values;
}

const within = (name: string, member: string): string => (name === '' ? member : `${name}.${member}`);
const nameOf = (value: unknown): string => /^[\w-]{1,64}$/.exec(String(value))?.[0] ?? 'of another kind';

/** The caller's own JSON reaches the model as JSON, where a sign may need six. */
const quotedBytes = (value: string): number => Buffer.byteLength(JSON.stringify(value));

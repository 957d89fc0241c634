import fc from 'fast-check';
import { picture } from '../support/pictures.ts';
import { type Declared, readDeclared } from './sdk-types.ts';

const words = fc.constantFrom('x', 'Grüße', 'a'.repeat(300), '{"type":"image"}', '日本語', '"\\\n');
const numbers = fc.constantFrom(0, 1, 3, 1_024, 200_000);
const known = new Map<Declared, fc.Arbitrary<unknown>>();

/** Values that a declared type allows. */
export function valuesOf(type: Declared): fc.Arbitrary<unknown> {
  const made = known.get(type) ?? arbitraryOf(type);
  known.set(type, made);
  return made;
}

function arbitraryOf(type: Declared): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'scalar': {
      const free = type.free.map((kind) => (kind === 'string' ? words : numbers));
      return fc.oneof(...free, ...(type.values.length > 0 ? [fc.constantFrom(...type.values)] : []));
    }
    case 'any':
      return fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant({ type: 'image', source: { data: 'A'.repeat(400) } }));
    case 'list':
      return fc.array(valuesOf(type.of), { maxLength: 3 });
    case 'map':
      return fc.dictionary(words, valuesOf(type.of), { maxKeys: 2 });
    case 'union':
      return fc.oneof(...type.of.map(valuesOf));
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(type.members).map(([name, member]) => [name, valuesOf(member.type)])),
        { requiredKeys: Object.keys(type.members).filter((name) => !type.members[name]?.optional) },
      );
  }
}

const small = (await picture('png', 40, 30)).toString('base64');

/** The request with real pictures, few cache breakpoints and one name a tool: else the API refuses it before it costs anything. */
export function acceptable(request: Record<string, unknown>): Record<string, unknown> {
  let marks = 0;
  let tools = 0;
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one)]));
    if (copy['cache_control'] && ++marks > 4) delete copy['cache_control'];
    if ('input_schema' in copy && typeof copy['name'] === 'string') copy['name'] = `tool_${++tools}`;
    if (copy['type'] === 'base64' && copy['media_type'] !== 'application/pdf')
      return { ...copy, media_type: 'image/png', data: small };
    return copy;
  };
  return walk(request) as Record<string, unknown>;
}

/** What the SDK sends as headers, and what a request always has. */
const fixed = ['model', 'max_tokens', 'messages', 'betas', 'user_profile_id', 'workspace_id', 'stream'];
const models = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5', 'claude-sonnet-4-5'];

/** Messages requests with up to three of the members that the SDK declares, and any blocks of a user. */
export function requestsOfSdk(without: readonly string[] = []): fc.Arbitrary<Record<string, unknown>> {
  const file = 'resources/beta/messages/messages.d.mts';
  const [request, user] = readDeclared('@anthropic-ai/sdk', file, ['MessageCreateParamsBase', 'BetaUserMessageParam']);
  if (request?.kind !== 'object' || user?.kind !== 'object') throw new Error('The SDK declares no request.');
  const content = user.members['content']?.type;
  const blocks = content?.kind === 'union' ? content.of.find((one) => one.kind === 'list') : undefined;
  if (!blocks) throw new Error('The message of a user has no list of blocks.');
  const members = Object.entries(request.members).filter(([name]) => !fixed.includes(name) && !without.includes(name));
  const optional = Object.fromEntries(members.map(([name, { type }]) => [name, valuesOf(type)]));
  return fc
    .record({
      model: fc.constantFrom(...models),
      max_tokens: fc.constantFrom(1, 50, 400),
      content: valuesOf(blocks),
      names: fc.subarray(Object.keys(optional), { maxLength: 3 }),
      all: fc.record(optional),
    })
    .map(({ model, max_tokens, content, names, all }) =>
      acceptable({
        model,
        max_tokens,
        messages: [{ role: 'user', content: [...(content as object[]), { type: 'text', text: 'Which trail?' }] }],
        ...Object.fromEntries(names.map((name) => [name, all[name]])),
      }),
    );
}

import { z } from 'zod';
import { PayiError } from './error.ts';
import type { PayiRequest, Transport } from './transport.ts';

/** All items of a list, page by page, in Pay-i's order. */
export async function* allPages<T extends z.ZodType>(
  transport: Transport,
  request: PayiRequest,
  item: T,
): AsyncGenerator<z.output<T>> {
  const page = z.looseObject({ cursor: z.string().nullish(), items: z.array(item).nullish() });
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const { items, cursor: next } = await transport.call({ ...request, query: { ...request.query, cursor } }, page);
    yield* items ?? [];
    if (next && seen.has(next)) {
      const facts = {
        kind: 'unavailable',
        request: `GET ${request.path}`,
        reason: 'the list turns in a circle',
      } as const;
      throw new PayiError(facts);
    }
    cursor = next || undefined;
    if (cursor) seen.add(cursor);
  } while (cursor);
}

/** The whole list at once. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type ModelOptions, type ModelStandIn, startModel } from '../src/server.ts';

/** A stand-in for the tests of a file, emptied after each, with the real SDK pointed at it. */
export function standIn(options: ModelOptions = {}): { model: ModelStandIn; client: Anthropic } {
  const both = {} as { model: ModelStandIn; client: Anthropic };
  beforeAll(async () => {
    both.model = await startModel(options);
    both.client = new Anthropic({
      apiKey: options.apiKey ?? 'local',
      baseURL: both.model.url,
      maxRetries: 0,
      logLevel: 'off',
    });
  });
  afterEach(() => both.model.reset());
  afterAll(() => both.model.close());
  return both;
}

export const FINDER_PROMPT =
  'Find off-road trails. Location: Moab, Utah. Capability score 3.7/5. Answer in JSON with recommendations[] {name, sourceUrl, vehicleCompatibility}, searchSummary and vehicleCapabilityScore.';

export const webSearch: Anthropic.WebSearchTool20250305 = {
  type: 'web_search_20250305',
  name: 'web_search',
  max_uses: 10,
};

export const user = (content: Anthropic.MessageParam['content']): Anthropic.MessageParam[] => [
  { role: 'user', content },
];

export const textOf = (message: Anthropic.Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

/** What a call failed with. @throws Error when it did not fail. */
export async function failure(call: Promise<unknown>): Promise<Error> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error('The call did not fail.');
}

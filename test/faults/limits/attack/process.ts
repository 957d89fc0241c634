import type Anthropic from '@anthropic-ai/sdk';
import type { TrackedEvent } from '../../../../shared/events/usage-event.ts';
import type { LimitService } from '../../../../shared/limits/limit-service.ts';
import { createAnthropic } from '../../../../shared/model/clients/anthropic.ts';
import type { Telemetry } from '../../../../shared/telemetry/telemetry.ts';
import { trackContext } from '../../../../shared/tracking/context.ts';
import { tracked } from '../../../../shared/tracking/tracked.ts';
import { systemClock } from '../../../../shared/util/clock.ts';
import { openLimits } from '../open-limits.ts';
import type { AttackEnds, FromAttacker, ToAttacker } from './messages.ts';

const telemetry: Telemetry = { info() {}, warn() {}, error() {}, count() {}, measure() {} };

let limits: LimitService | undefined;
let anthropic: Anthropic | undefined;
let spent = 0n;

process.on('message', async (message: ToAttacker) => {
  switch (message.kind) {
    case 'start':
      start(message);
      return say({ kind: 'ready' });
    case 'calls':
      return say({ kind: 'ends', ...(await calls(message)) });
    case 'close':
      await limits?.close();
      process.disconnect();
  }
});
process.on('disconnect', () => process.exit(0));

function start({ connection, prefix, policy, modelUrl }: ToAttacker & { kind: 'start' }): void {
  limits = openLimits({ connection, prefix, policies: [policy], clock: systemClock });
  const publisher = {
    publish: async (event: TrackedEvent) => {
      if (event.kind === 'usage') spent += BigInt(event.estimatedCost ?? 0);
      return 'queued' as const;
    },
    close: async () => undefined,
  };
  const middleware = [tracked({ gate: limits.gate, publisher, clock: systemClock, telemetry, maxRetries: 0 })];
  anthropic = createAnthropic({ apiKey: 'local', baseUrl: modelUrl, maxRetries: 0, middleware });
}

async function calls({ count, stream, prompt, maxTokens }: ToAttacker & { kind: 'calls' }): Promise<AttackEnds> {
  spent = 0n;
  const ends: AttackEnds = { answered: 0, refused: 0, ended: 0, failed: [], spent };
  const one = async () => {
    let begun = false;
    try {
      await trackContext({ useCaseName: 'named by the caller' }, () =>
        call(stream, prompt, maxTokens, () => {
          begun = true;
        }),
      );
      ends.answered += 1;
    } catch (error) {
      const isLimit = /\bhas no room\b/.test(textOf(error));
      if (isLimit) ends[begun ? 'ended' : 'refused'] += 1;
      else ends.failed.push(textOf(error));
    }
  };
  await Promise.all(Array.from({ length: count }, one));
  return { ...ends, spent };
}

async function call(stream: boolean, prompt: string, maxTokens: number, begun: () => void): Promise<void> {
  if (!anthropic) throw new Error('Not started yet.');
  const params = {
    model: 'claude-sonnet-5-5',
    max_tokens: maxTokens,
    messages: [{ role: 'user' as const, content: prompt }],
    tools: [{ type: 'web_search_20250305' as const, name: 'web_search' as const, max_uses: 10 }],
  };
  if (!stream) {
    await anthropic.messages.create(params, { timeout: 600_000 });
    return;
  }
  for await (const event of await anthropic.messages.create({ ...params, stream: true }))
    if (event.type === 'message_start') begun();
}

/** An error's text with those of its causes: the SDK wraps what a middleware throws. */
function textOf(error: unknown): string {
  const texts: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) texts.push(at.message);
  return texts.join(': ');
}

function say(message: FromAttacker): void {
  process.send?.(message);
}

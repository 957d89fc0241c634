import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/server.ts';
import { systemClock } from '../../shared/clock.ts';
import { createAnthropic } from '../../shared/model/anthropic.ts';
import { trackContext } from '../../shared/tracking/context.ts';
import { tracked } from '../../shared/tracking/tracked.ts';
import { recording } from './recording.ts';

const canary = 'canary-7f3a-in-the-mine';
let model: ModelStandIn;
beforeAll(async () => {
  model = await startModel();
});
afterAll(() => model.close());

const outcomes = [
  { text: canary },
  { error: { status: 400, message: canary } },
  { error: { status: 500, message: canary }, headers: { 'x-should-retry': 'false' } },
  { text: canary, breakAfter: { events: 5, how: 'cut' as const } },
  { text: canary, breakAfter: { events: 5, how: 'error' as const, error: { status: 529, message: canary } } },
  { rawBody: canary },
];

test.each(outcomes.flatMap((outcome) => [true, false].map((stream) => ({ outcome, stream }))))(
  'no prompt, answer or error text leaves: $outcome, stream $stream',
  async ({ outcome, stream }) => {
    model.reset();
    model.script(outcome);
    const record = recording();
    const client = createAnthropic({
      apiKey: 'local',
      baseUrl: model.url,
      middleware: [tracked({ ...record, clock: systemClock })],
    });
    const params = {
      model: 'claude-haiku-5-5',
      max_tokens: 300,
      system: canary,
      messages: [{ role: 'user' as const, content: canary }],
    };
    await trackContext({ useCaseName: 'trail_finder' }, async () => {
      await (stream ? client.messages.stream(params).finalMessage() : client.messages.create(params));
    }).catch(() => undefined);
    expect(record.events.length).toBeGreaterThan(0);
    const told = [record.events, record.lines, record.holds, record.settlements];
    expect(JSON.stringify(told, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
      canary,
    );
  },
);

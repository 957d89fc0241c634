import { startModel } from '../../../infra/local/model/src/server.ts';
import { settingsSchema } from '../../../shared/config/settings.ts';
import { silent } from '../../../shared/http/event-stream.ts';
import type { Gate, ServerToolsBound } from '../../../shared/limits/gate/gate.ts';
import { loadAnthropic } from '../../../shared/model/clients/load-anthropic.ts';
import { createTextModel } from '../../../shared/model/clients/text-models.ts';
import type { Telemetry } from '../../../shared/telemetry/telemetry.ts';
import { tracked } from '../../../shared/tracking/tracked.ts';
import { analyze } from '../../../shared/trails/analysis/analyze.ts';
import { findTrails } from '../../../shared/trails/finder/find.ts';
import { evaluate } from '../../../shared/trails/judge/evaluate.ts';
import { planRoute } from '../../../shared/trails/planner/plan.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { generator } from './generator.ts';
import { analysisRequest, judgedAnswer, planRequest, type Random, trailSearch } from './inputs.ts';

/** What the gate is asked for one model call, and what the call cost. nano-USD. */
export interface RecordedCall {
  boundNano: bigint;
  exactNano: bigint | undefined;
  serverTools: ServerToolsBound | undefined;
  /** The part of what it cost that server tools added. */
  toolsNano: bigint | undefined;
  actualNano: bigint;
}

export const features = ['analysis', 'finder', 'planner', 'judge'] as const;
export type Feature = (typeof features)[number];

const quiet: Telemetry = { info() {}, warn() {}, error() {}, count() {}, measure() {} };

/**
 * Runs a feature's own code on many different inputs against the model stand-in, and notes what its tracked client asks
 * the gate and what each call then costs by the usage of the answer. Nothing of a prompt or an answer is kept.
 */
export async function recordCalls(feature: Feature, runs: number, seed: number): Promise<RecordedCall[]> {
  const model = await startModel({ seed: String(seed) });
  try {
    const calls: RecordedCall[] = [];
    const run = running(feature, model.url, recordingGate(calls));
    const random = generator(seed);
    for (let turn = 0; turn < runs; turn++) await run(random);
    return calls;
  } finally {
    await model.close();
  }
}

function running(feature: Feature, baseUrl: string, gate: Gate): (random: Random) => Promise<unknown> {
  const settings = settingsSchema.parse({ ANTHROPIC_API_KEY: 'stand-in' });
  const publisher = { publish: async () => 'queued' as const, close: async () => undefined };
  const middleware = [tracked({ gate, publisher, clock: systemClock, telemetry: quiet })];
  const anthropic = loadAnthropic({ apiKey: 'stand-in', baseUrl, middleware, timeoutMs: 60_000 });
  const judging = { submit: async () => ({ status: 'skipped' as const }) };
  const services = { settings, clock: systemClock, telemetry: quiet, publisher, anthropic, judging };
  const judge = createTextModel('anthropic', settings.JUDGE_MODEL, { settings, anthropic, chatFetch: () => fetch });
  const caller = { userId: 'sam', name: 'sam', role: 'user' as const, via: 'development' as const };
  const { signal } = new AbortController();
  return {
    analysis: async (random: Random) => analyze(services, caller, await analysisRequest(random), silent, signal),
    finder: (random: Random) => findTrails(services, caller, trailSearch(random), silent, signal),
    planner: (random: Random) => planRoute(services, caller, planRequest(random), silent, signal),
    judge: (random: Random) => evaluate(services, judge, caller, judgedAnswer(random), { signal }),
  }[feature];
}

function recordingGate(calls: RecordedCall[]): Gate {
  return {
    hold: async ({ bound, exactBound, serverTools: tools }) => {
      const exactNano = (await exactBound?.())?.nanoUsd;
      const exactCertain = await tools?.exactCertain?.();
      const serverTools = tools && {
        ...tools,
        ...(exactCertain !== undefined && { exactCertain: async () => exactCertain }),
      };
      return {
        id: 'recorded',
        limitIds: [],
        heldNanoUsd: bound.nanoUsd,
        warnings: [],
        cover: async () => undefined,
        settle: async (use, _, tools) => {
          const actualNano = use?.nanoUsd ?? null;
          if (actualNano !== null)
            calls.push({ boundNano: bound.nanoUsd, exactNano, serverTools, toolsNano: tools?.nanoUsd, actualNano });
        },
      };
    },
  };
}

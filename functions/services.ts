import type Anthropic from '@anthropic-ai/sdk';
import { type Clock, systemClock } from '../shared/clock.ts';
import { decodeSettings } from '../shared/config/decode.ts';
import type { Settings } from '../shared/config/settings.ts';
import type { Delivery } from '../shared/delivery/delivery.ts';
import type { Publisher } from '../shared/delivery/publisher.ts';
import type { ReadinessCheck } from '../shared/http/health.ts';
import type { Gate } from '../shared/limits/gate.ts';
import type { TextModel } from '../shared/model/text-model.ts';
import { jsonTelemetry, type Telemetry } from '../shared/telemetry.ts';
import type { InstanceStore } from '../shared/trails/judge/instances.ts';
import type { Judging } from '../shared/trails/judge/judging.ts';
import type { JudgeQueue } from '../shared/trails/judge/queue.ts';
import type { Seal } from '../shared/trails/judge/seal.ts';

/** Everything that the functions of this process share, built once from the settings. */
export interface Services {
  settings: Settings;
  clock: Clock;
  telemetry: Telemetry;
  publisher: Publisher;
  /** Queue, outbox, ledger and dead letters. */
  delivery: Delivery;
  gate: Gate;
  /** Tracked: each call inside a `trackContext` is limited, metered and reported. */
  anthropic: Anthropic;
  /** Absent when no judge is configured. Tracked too. */
  judge?: TextModel;
  /** What `GET /api/health/ready` asks. */
  readinessChecks: ReadinessCheck[];
  /** Hands answers to the judge in the background. */
  judging: Judging;
  judgeQueue: JudgeQueue;
  /** Seals what waits for the judge; absent when no judge is configured. */
  seal?: Seal;
  instances: InstanceStore;
}

let built: Services | undefined;

/** The services of this process. @throws SettingsError at the first call when a setting is wrong. */
export function services(): Services {
  built ??= createServices(decodeSettings(process.env));
  return built;
}

function createServices(settings: Settings): Services {
  const telemetry = jsonTelemetry();
  return { settings, clock: systemClock, telemetry } as Services;
}

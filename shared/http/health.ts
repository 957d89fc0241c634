import { openSettings } from '../config/open-settings.ts';
import type { Settings } from '../config/settings.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { type HttpAnswer, json } from './answer.ts';

/** Something that requests can't be served without; throws when it does not work. */
export interface ReadinessCheck {
  name: string;
  check(signal: AbortSignal): Promise<void>;
}

const CHECK_TIMEOUT_MS = 3_000;

/** Liveness: the process answers. */
export const health = (clock: Clock, environment: string): HttpAnswer =>
  json(200, {
    status: 'healthy',
    timestamp: new Date(clock.now()).toISOString(),
    uptime: process.uptime(),
    environment,
  });

/** Readiness: 200 when everything that is needed works, else 503. Says which part does not, not why: the log does. */
export async function readiness(
  checks: readonly ReadinessCheck[],
  settings: Settings,
  telemetry: Telemetry,
): Promise<HttpAnswer> {
  const results = await Promise.all(
    checks.map(async ({ name, check }) => {
      const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
      try {
        await Promise.race([check(signal), aborted(signal)]);
        return [name, 'ok'] as const;
      } catch (error) {
        telemetry.warn('not-ready', { part: name, ...describeError(error) });
        return [name, 'failed'] as const;
      }
    }),
  );
  const ready = results.every(([, state]) => state === 'ok');
  const warnings = openSettings(settings).map(({ setting, opens }) => `${setting} opens ${opens}`);
  return json(ready ? 200 : 503, {
    status: ready ? 'ready' : 'not-ready',
    checks: Object.fromEntries(results),
    ...(warnings.length > 0 && { warnings }),
  });
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

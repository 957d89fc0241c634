import { describeError, jsonTelemetry, type Telemetry } from './telemetry.ts';

/** Where a wrong setting is reported, which leaves no services. */
const withoutServices = jsonTelemetry();

/** Load that passes by itself: the caller tries again, and nobody needs to look. */
const BUSY = 'busy';

/** What the caller can't see. A request that was wrong is counted; what we did wrong is logged with its reason. */
export function reportFailure(
  telemetry: Telemetry | undefined,
  functionName: string,
  { status, code }: { status: number; code: string },
  error: unknown,
): void {
  const to = telemetry ?? withoutServices;
  to.count('requests-failed', 1, { function: functionName, code, status: String(status) });
  if (code === BUSY) to.warn('request-turned-away', { function: functionName, code });
  else if (status >= 500) to.error('request-failed', { function: functionName, ...describeError(error) });
}

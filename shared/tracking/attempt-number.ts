import type { Clock } from '../util/clock.ts';

/** The SDK waits 8 s at most where the provider names no time. */
const LONGEST_WAIT_MS = 8_000;
/** For the SDK to set out again. */
const MARGIN_MS = 5_000;
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * After how many ms an Anthropic or OpenAI SDK has certainly repeated an attempt that ended like this, if at all; 0: it does not
 * repeat it. `answer` undefined: none came (network, time-out).
 */
export function repeatsWithinMs(
  answer: Response | undefined,
  attemptNumber: number,
  maxRetries: number,
  clock: Clock,
): number {
  if (attemptNumber > maxRetries || (answer && !isRepeated(answer))) return 0;
  return Math.min(LONGEST_TIMER_MS, (retryAfterMs(answer, clock) ?? LONGEST_WAIT_MS) + MARGIN_MS);
}

function isRepeated({ ok, status, headers }: Response): boolean {
  if (ok) return false;
  const wish = headers.get('x-should-retry');
  if (wish === 'true' || wish === 'false') return wish === 'true';
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function retryAfterMs(answer: Response | undefined, clock: Clock): number | undefined {
  const ms = Number(answer?.headers.get('retry-after-ms') ?? Number.NaN);
  if (ms > 0) return ms;
  const header = answer?.headers.get('retry-after');
  if (!header) return undefined;
  const wait = Number.isNaN(Number(header)) ? Date.parse(header) - clock.now() : Number(header) * 1_000;
  return wait > 0 ? wait : undefined;
}

/** Which attempt of its call a request is, from 1, as an SDK says it. At a gateway anybody says it: what is not a count is a first one. */
export function attemptNumber(headers: Headers): number {
  const repeats = headers.get('x-stainless-retry-count') ?? '';
  return /^\d{1,6}$/.test(repeats) ? Number(repeats) + 1 : 1;
}

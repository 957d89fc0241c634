import { type Finding, findingOf, well } from './check.ts';

const WAIT_MS = 10_000;
/** Servers say the time in whole seconds, and an answer takes a while. Tokens are checked with about as much tolerance. */
const TOLERATED_MS = 30_000;

/** Compares our clock with the `Date` of an answer of `url`. @throws Error when nobody answers there */
export async function checkClock(url: string, now: () => number): Promise<Finding> {
  const askedMs = now();
  const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(WAIT_MS) });
  const said = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(said)) return well(`${url} does not say the time, so the clock was not compared.`);
  const behind = said - askedMs;
  const ahead = now() - said;
  const off = Math.max(behind, ahead);
  if (off <= TOLERATED_MS) return well('The clock is right.');
  return findingOf(
    [
      {
        found: `The clock is ${Math.round(off / 1000)} s ${ahead > behind ? 'ahead of' : 'behind'} that of ${url}.`,
        mend: 'Set the clock by NTP. Pay-i refuses events from more than 5 minutes ahead, tokens expire at the wrong time, and limits reset on the wrong day.',
      },
    ],
    '',
  );
}

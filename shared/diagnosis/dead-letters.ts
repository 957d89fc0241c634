import type { DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import { type Fault, type Finding, findingOf } from './check.ts';

const READ = 1_000;

/** What to do for a code of Pay-i or ours; any other: look at its reason. */
const mends: Readonly<Record<string, string>> = {
  use_case_not_found: 'Run npm run payi-setup',
  blocking_limit_not_allowed: 'Delete the block limit at Pay-i; it is made again as allow',
  invalid_ingest_event_timestamp: 'Set the clock',
  invalid_limit_ids: 'Give PAYI_API_KEY the application that the limits are in',
};

/** Were events given up? `alerts`: those of limits that were. @throws TableError */
export async function checkDeadLetters(
  store: Pick<DeadLetterStore, 'list'>,
  alerts: readonly Fault[] = [],
): Promise<Finding> {
  const counts = new Map<string, number>();
  let read = 0;
  for await (const { code } of store.list()) {
    counts.set(code, (counts.get(code) ?? 0) + 1);
    read += 1;
    if (read === READ) break;
  }
  const more = read === READ ? ' or more' : '';
  return findingOf(
    [...counts]
      .map(
        ([code, count]): Fault => ({
          found: `${count}${more} event${count === 1 ? ' was' : 's were'} given up with the code ${code}.`,
          mend: `${mends[code] ?? 'See the reasons with npm run dead-letters -- list'}, then npm run dead-letters -- replay.`,
        }),
      )
      .concat(alerts),
    'No event and no alert was given up.',
  );
}

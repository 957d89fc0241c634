import type { InstanceIndex } from '../ledger/instance-index.ts';
import type { Ledger } from '../ledger/ledger.ts';

const RUN = 500;

/** Writes again in which minutes of the ledger the events of each instance are. @returns how many events it read */
export async function rebuildIndex(
  { ledger, index }: { ledger: Pick<Ledger, 'since'>; index: Pick<InstanceIndex, 'add'> },
  day: string,
): Promise<number> {
  let events = 0;
  let run: { eventId: string; useCase: { name: string; id: string } }[] = [];
  for await (const { rowKey, useCaseName, useCaseId } of ledger.since(day)) {
    events += 1;
    run.push({ eventId: rowKey, useCase: { name: useCaseName, id: useCaseId } });
    if (run.length < RUN) continue;
    await index.add(run);
    run = [];
  }
  await index.add(run);
  return events;
}

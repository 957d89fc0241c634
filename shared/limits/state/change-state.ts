import { RowChangedError, RowExistsError } from '../../tables/errors.ts';
import type { Change, Stored, Table } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import { stateKey } from './limit-place.ts';
import { type LimitRow, newState, type StateRow } from './limit-rows.ts';

/** What it takes to change the state of a limit. */
export interface StateDeps {
  limits: Table<LimitRow>;
  clock: Clock;
  /** Of [0, 1). */
  random(): number;
}

/** What to write; undefined: nothing. */
export type StateChange = (state: StateRow) => { state: StateRow; also?: Change<LimitRow>[] } | undefined;

const ATTEMPTS = 40;

/**
 * Reads the state of a limit, works out the next one and writes it if nobody was faster; else again. The state as it is then.
 * `known`: as it was just read, so that the first attempt need not read it.
 * @throws TableUncertainError when the write may have happened or not
 */
export async function changeState(
  { limits, clock, random }: StateDeps,
  limitId: string,
  change: (state: StateRow) => ReturnType<StateChange> | Promise<ReturnType<StateChange>>,
  known?: Stored<StateRow>,
): Promise<StateRow> {
  for (let attempt = 1; ; attempt++) {
    const found = attempt === 1 && known ? known : await readState(limits, limitId);
    const before = found ?? newState(limitId);
    const next = await change(before);
    if (!next) return before;
    try {
      await limits.transact([
        found ? { kind: 'replace', row: next.state, etag: found.etag } : { kind: 'insert', row: next.state },
        ...(next.also ?? []),
      ]);
      return next.state;
    } catch (error) {
      const overtaken = error instanceof RowChangedError || error instanceof RowExistsError;
      if (!overtaken || attempt === ATTEMPTS) throw error;
      await clock.sleep(random() * Math.min(10 * attempt, 100));
    }
  }
}

/** Any text is taken as an id: what can't be a key names nothing. */
export async function readState(limits: Table<LimitRow>, limitId: string): Promise<Stored<StateRow> | undefined> {
  const { partitionKey, rowKey } = stateKey(limitId);
  const found = (await limits.get(partitionKey, rowKey)) as Stored<StateRow> | undefined;
  return found && { ...found, limitId };
}

import type { Change, Table } from '../../tables/table.ts';
import { uuidV7 } from '../../util/ids.ts';
import { unitOf } from '../policies/limit-id.ts';
import { type Figures, figuresOf } from '../policies/units.ts';
import { spentOf } from './limit-math.ts';
import { placeOf } from './limit-place.ts';
import type { ChangeRow, LimitRow, StateRow } from './limit-rows.ts';

/** One entry of a limit's trail. */
export interface LimitChange {
  what: ChangeRow['what'];
  changedBy: string;
  /** ISO 8601, UTC. */
  changedAt: string;
  from: ChangedFigures;
  to: ChangedFigures;
}

type ChangedFigures = Figures<'spent' | 'abandoned'>;

/** Past the limit's state and slices in the order of row keys. */
const TRAIL = 'trail!';

/** The row that goes with a change of a limit's state, in one transaction. */
export function changeRowOf(
  what: ChangeRow['what'],
  changedBy: string,
  before: StateRow,
  after: StateRow,
  nowMs: number,
): Change<LimitRow> {
  const { partitionKey, prefix } = placeOf(before.limitId);
  const row: ChangeRow = {
    partitionKey,
    rowKey: `${prefix}${TRAIL}${uuidV7(nowMs)}`,
    what,
    changedBy,
    changedAt: new Date(nowMs),
    before: JSON.stringify(changedFigures(before)),
    after: JSON.stringify(changedFigures(after)),
  };
  return { kind: 'insert', row };
}

/** What admins did to a limit's figures, latest first. */
export async function changesOf(limits: Table<LimitRow>, limitId: string): Promise<LimitChange[]> {
  const changes: LimitChange[] = [];
  const { partitionKey, prefix } = placeOf(limitId);
  for await (const found of limits.query({ partitionKey, from: `${prefix}${TRAIL}`, before: `${prefix}trail"` })) {
    const { what, changedBy, changedAt, before, after } = found as ChangeRow;
    changes.push({
      what,
      changedBy,
      changedAt: changedAt.toISOString(),
      from: JSON.parse(before) as ChangedFigures,
      to: JSON.parse(after) as ChangedFigures,
    });
  }
  return changes.reverse();
}

const changedFigures = (state: StateRow): ChangedFigures =>
  figuresOf(unitOf(state.limitId), { spent: spentOf(state), abandoned: state.abandonedNano });

import { notFound } from '../errors/request-errors.ts';
import type { Caller } from '../identity/caller.ts';
import { refuseUseCase } from '../identity/keys/key-grant.ts';
import type { InstanceStore } from '../instances/instance-store.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import type { Policy } from '../limits/policies/policy.ts';
import { idProblem } from '../util/id-text.ts';
import {
  type InstanceCallsDeps,
  type InstanceRef,
  type InstanceRows,
  minutesOfInstance,
  readInstanceRows,
} from './instance-calls.ts';
import { addTo, type InstanceSums, noCalls } from './instance-sums.ts';
import { type InstanceView, instanceView, summaryOf } from './instance-view.ts';

export interface ReadInstanceDeps extends InstanceCallsDeps {
  instances: Pick<InstanceStore, 'find'>;
  /** As they are now. */
  policies: readonly Policy[];
}

/**
 * An instance with its calls, scores and verdict, for its user or an admin. A call is there a moment after its answer, when its event
 * came through the queue.
 * @throws RequestError 403 when the caller's key is not for the use case; 404 also when it is another user's: that it exists is nobody else's business.
 */
export async function readInstance(
  deps: ReadInstanceDeps,
  caller: Caller,
  { name, id }: { name: string; id: string },
): Promise<InstanceView> {
  refuseUseCase(caller.key, name);
  if (idProblem(name) !== undefined || idProblem(id) !== undefined) throw notFound('Instance');
  const [kept, { rows, more }] = await Promise.all([deps.instances.find(name, id), latestRows(deps, { name, id })]);
  const mayRead = ({ userId }: { userId?: string | undefined }) => caller.role === 'admin' || userId === caller.userId;
  const instance = kept && mayRead(kept) ? kept : undefined;
  const isShared = (kept && !instance) || rows.some((row) => row.kind === 'usage' && !mayRead(row));
  // A user's own calls, and the scores of an instance that no other user shares.
  const visible = rows.filter((row) => (row.kind === 'usage' ? mayRead(row) : !isShared));
  const calls = visible.filter(({ kind }) => kind === 'usage');
  if (!instance && calls.length === 0 && (caller.role !== 'admin' || visible.length === 0)) throw notFound('Instance');
  const sums = sumsOf(id, calls, { userId: instance?.userId, at: instance?.updatedAt ?? visible[0]?.occurredAt ?? '' });
  return instanceView(summaryOf(name, sums), { rows: visible, more }, instance, deps.policies);
}

async function latestRows(deps: InstanceCallsDeps, ref: InstanceRef): Promise<InstanceRows> {
  const { runs, isWhole } = await minutesOfInstance(deps.instanceIndex.lookUp(), ref);
  const { rows, more } = await readInstanceRows(deps, ref, runs);
  return { rows, more: more || !isWhole };
}

/** Of all calls together, whoever made them; where none came through the queue yet, those of nobody. */
function sumsOf(id: string, calls: LedgerRow[], known: { userId: string | undefined; at: string }): InstanceSums {
  const all = new Map<string, InstanceSums>();
  // The key is that of one user.
  for (const call of calls) addTo(all, { ...call, userId: calls[0]?.userId });
  const [sums = noCalls(id, known.userId, known.at)] = all.values();
  return sums;
}

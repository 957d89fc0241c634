import { RequestError } from '../../errors/request-errors.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { foldHours } from '../fold.ts';
import { addPart, type InstancePart } from '../instance-part.ts';
import type { RollupHead } from '../rollups/rollup-store.ts';
import { UsageChangedError } from '../rollups/usage-changed-error.ts';
import { dayOfSpan } from '../spans.ts';
import type { UsageDeps } from './read-usage.ts';
import { planUsage } from './usage-plan.ts';
import { whileUnchanged } from './while-unchanged.ts';

export interface InstancesOfTime {
  /** Hours, e.g. `2026-11-23T10`: from one on and before the other. */
  from: string;
  before: string;
  /** Absent: every use case. */
  useCase?: string | undefined;
}

/** Instances of one use case that are held in memory. */
const MAX_INSTANCES = 300_000;
const WIDTH = 16;

/**
 * What `sumUp` makes of all instances of each use case, which are in memory one use case at a time. An instance has its calls and
 * scores in the time, complete to the events that are in the ledger.
 * @throws RequestError 400 when one use case has too many, UsageChangedError when rollups were replaced meanwhile several times
 */
export const readInstances = <T>(
  deps: UsageDeps,
  time: InstancesOfTime,
  sumUp: (useCase: string, instances: Iterable<InstancePart>) => T,
): Promise<T[]> => whileUnchanged(() => readOnce(deps, time, sumUp));

async function readOnce<T>(
  deps: UsageDeps,
  { from, before, useCase }: InstancesOfTime,
  sumUp: (useCase: string, instances: Iterable<InstancePart>) => T,
): Promise<T[]> {
  const { ledger, refusals, store, marks } = deps;
  // In the opposite order to a fold, as usage is read.
  const marked = new Set((await marks.list()).map(({ hour }) => hour));
  const foldedBefore = await store.foldedBefore();
  const heads = await store.heads(dayOfSpan(from), before);
  const plan = planUsage({ from, before, hourly: true, foldedBefore, heads, marked });
  const folded: InstancePart[] = [];
  for (const { from: first, before: end } of plan.ledger)
    for (const { instances } of (await foldHours(ledger.between(first, end), refusals.between(first, end))).values())
      folded.push(...instances);
  const names = new Set([...plan.rollups.flatMap((head) => head.instancePages), ...folded.map((part) => part.useCase)]);
  const results: T[] = [];
  for (const name of [...names].sort()) {
    if (useCase !== undefined && name !== useCase) continue;
    const instances = new Map<string, InstancePart>();
    for (let at = 0; at < plan.rollups.length; at += WIDTH) {
      const read = await inParallel(plan.rollups.slice(at, at + WIDTH), WIDTH, (head) => partsOf(store, head, name));
      addAll(instances, read.flat());
    }
    addAll(
      instances,
      folded.filter((part) => part.useCase === name),
    );
    results.push(sumUp(name, instances.values()));
  }
  return results;
}

async function partsOf(store: UsageDeps['store'], head: RollupHead, useCase: string): Promise<InstancePart[]> {
  const parts: InstancePart[] = [];
  for (const [page, of] of head.instancePages.entries()) {
    if (of !== useCase) continue;
    const more = await store.instances(head, page);
    if (!more) throw new UsageChangedError(head.span);
    parts.push(...more);
  }
  return parts;
}

function addAll(instances: Map<string, InstancePart>, parts: InstancePart[]): void {
  for (const part of parts) {
    const known = instances.get(part.id);
    if (known) addPart(known, part);
    else instances.set(part.id, part);
  }
  if (instances.size > MAX_INSTANCES)
    throw new RequestError(
      'too_many_instances',
      `A use case has more than ${MAX_INSTANCES} instances in this time. Ask for a shorter time.`,
      { status: 400 },
    );
}

import type { AdminChange } from '../../admin-log/admin-change.ts';
import type { AdminLog } from '../../admin-log/admin-log.ts';
import type { Override, OverrideMaximum } from '../policies/overrides/override.ts';
import {
  type OverrideTarget,
  type OverrideView,
  type Overriding,
  placeOfOverride,
  tagOfOverride,
  viewOfOverride,
} from './change-overrides.ts';
import { LimitError } from './reset-limit.ts';

/** What changes an override. */
const actions: readonly string[] = ['set-limit-override', 'delete-limit-override', 'undo-limit-override'];
const LOOKED_AT = 50;

/** What the audit log calls an override. */
export const overrideLogTarget = ({ policy, name }: Pick<Override, 'policy' | 'name'>): string => `${policy}/${name}`;

/**
 * Takes back the last change of an override, a deletion too: it is again what it was before. `changeId`: the id of the change in the
 * audit log, so that nothing else is taken back.
 * @throws LimitError 404 where there was no change; 409 when the change is not the last one; TableError
 */
export async function undoOverride(
  service: Overriding,
  log: Pick<AdminLog, 'list'>,
  target: OverrideTarget,
  changeId: string,
): Promise<{ name: string; before: OverrideView | undefined; after: OverrideView | undefined }> {
  const { policies, clock } = service;
  await policies.reload();
  const place = placeOfOverride(service, target);
  const last = await lastChangeOf(log, overrideLogTarget(place));
  if (!last) throw noChange(place.name);
  if (last.id !== changeId) throw overtaken(place.name, last.id);
  const [was, is] = [last.before, last.after] as (Partial<OverrideView> | null)[];
  let found: Override | undefined;
  let restored: Override | undefined;
  await policies.changeOverride(place, (before) => {
    if (tagOfOverride(before) !== (is?.etag ?? tagOfOverride(undefined))) throw overtaken(place.name, undefined);
    found = before;
    restored = was ? { ...place, ...maximumIn(was) } : undefined;
    return restored;
  });
  const view = (override: Override | undefined) => override && viewOfOverride(override, clock.now());
  return { name: place.name, before: view(found), after: view(restored) };
}

async function lastChangeOf(log: Pick<AdminLog, 'list'>, target: string): Promise<AdminChange | undefined> {
  const { changes } = await log.list({ target, most: LOOKED_AT });
  return changes.find(({ action, outcome }) => outcome === 'done' && actions.includes(action));
}

const maximumIn = ({ maxUsd, max, until }: Partial<OverrideView>): OverrideMaximum => ({
  ...(maxUsd !== undefined && { maxUsd }),
  ...(max !== undefined && { max }),
  ...(until !== undefined && { until }),
});

const noChange = (name: string): LimitError =>
  new LimitError('override_not_found', `No change of an override for ${name} is in the audit log.`, { status: 404 });

const overtaken = (name: string, lastId: string | undefined): LimitError =>
  new LimitError(
    'change_overtaken',
    `It is not the last change of the override for ${name}. Only that can be taken back.`,
    {
      status: 409,
      details: { ...(lastId !== undefined && { last: lastId }) },
    },
  );

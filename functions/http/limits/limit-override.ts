import {
  deleteOverrideRoute,
  getOverrideRoute,
  setOverrideRoute,
  undoOverrideRoute,
} from '../../../shared/api/limits/limit-overrides.ts';
import { storableUserId } from '../../../shared/identity/user-id.ts';
import {
  deleteOverride,
  type OverrideTarget,
  readOverride,
  setOverride,
} from '../../../shared/limits/admin/change-overrides.ts';
import { overrideLogTarget, undoOverride } from '../../../shared/limits/admin/undo-override.ts';
import { serve, serveChange } from '../../services/serve.ts';
import type { Services } from '../../services/services.ts';

interface Named {
  params: { id: string; key: string };
  services: Pick<Services, 'settings'>;
}

const targetOf = ({ params, services }: Named): OverrideTarget => ({
  policy: params.id,
  name: params.key,
  storableId: (userId) => storableUserId(userId, services.settings.USER_ID_KEY, 'key'),
});

/** For the audit log: the user as stored, not by an e-mail address. */
const nameOf = ({ params }: Named, { name }: { name: string }): string =>
  overrideLogTarget({ policy: params.id, name });

serve(getOverrideRoute, async (call) => {
  const data = await readOverride(call.services.limits, targetOf(call));
  return { data, headers: { etag: data.etag } };
});

serveChange(setOverrideRoute, async (call) => {
  const author = { ifMatch: call.request.headers.get('if-match') };
  const { before, after } = await setOverride(call.services.limits, targetOf(call), author, call.body);
  return { data: after, headers: { etag: after.etag }, target: nameOf(call, after), before, after };
});

serveChange(deleteOverrideRoute, async (call) => {
  const author = { ifMatch: call.request.headers.get('if-match') };
  const before = await deleteOverride(call.services.limits, targetOf(call), author);
  return { data: { deleted: before.name }, target: nameOf(call, before), before };
});

serveChange(undoOverrideRoute, async (call) => {
  const { limits, adminLog } = call.services;
  const { name, before, after } = await undoOverride(limits, adminLog, targetOf(call), call.body.change);
  return {
    data: { override: after ?? null, etag: after?.etag ?? null },
    target: nameOf(call, { name }),
    before,
    after,
  };
});

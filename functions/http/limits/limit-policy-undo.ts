import { undoPolicyChangeRoute } from '../../../shared/api/limits/limit-policies.ts';
import { undoChange } from '../../../shared/limits/admin/change-policies.ts';
import { entityTag } from '../../../shared/limits/policies/changes/entity-tag.ts';
import { serveChange } from '../../services/serve.ts';

serveChange(undoPolicyChangeRoute, async ({ params, body, caller, services }) => {
  const { before, after } = await undoChange(services.limits, params.name, caller.userId, body.change);
  const data = { policy: after ?? null, etag: after ? entityTag(after) : null };
  return { data, target: params.name, before, after };
});

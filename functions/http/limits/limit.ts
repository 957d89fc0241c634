import { deleteLimitRoute, getLimitRoute, updateLimitRoute } from '../../../shared/api/limits/limits.ts';
import { deletePolicy, updatePolicy } from '../../../shared/limits/admin/change-policies.ts';
import { readVisibleLimit } from '../../../shared/limits/admin/visible-limits.ts';
import { entityTag } from '../../../shared/limits/policies/changes/entity-tag.ts';
import { serve, serveChange } from '../../services/serve.ts';

serve(getLimitRoute, async ({ params, caller, services }) => ({
  data: await readVisibleLimit(services.limits, caller, params.id),
}));

serveChange(updateLimitRoute, async ({ params, body, caller, request, services }) => {
  const author = { who: caller.userId, ifMatch: request.headers.get('if-match') };
  const { before, after } = await updatePolicy(services.limits, params.id, author, body);
  return { data: after, headers: { etag: entityTag(after) }, before, after };
});

serveChange(deleteLimitRoute, async ({ params, caller, request, services }) => {
  const author = { who: caller.userId, ifMatch: request.headers.get('if-match') };
  const before = await deletePolicy(services.limits, params.id, author);
  return { data: { deleted: before.name }, before };
});

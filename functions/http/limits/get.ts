import { app } from '@azure/functions';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { limitDetails } from '../../../shared/limits/admin/admin.ts';
import { changesOf } from '../../../shared/limits/state/limit-changes.ts';
import { services } from '../../services/services.ts';

/** An admin reads there too who changed the limit's figures and when. */
app.http('limits-get', {
  route: 'api/limits/{id}',
  methods: ['GET', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint(
    { services, methods: ['GET'], access: 'user' },
    async ({ request, caller, services: { limits } }) => {
      const limitId = request.params['id'] ?? '';
      const details = await limitDetails(limits, limitId, caller);
      if (caller.role !== 'admin') return success(details);
      return success({ ...details, changes: await changesOf(limits.limits, limitId) });
    },
  ),
});

import { app } from '@azure/functions';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { services } from '../../services/services.ts';

/** The rules behind the limits, and who changed what of them when. */
app.http('limits-policies', {
  route: 'api/limit-policies',
  methods: ['GET', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['GET'], access: 'admin' }, async ({ services: { limits } }) => {
    await limits.policies.reload();
    return success({ policies: limits.policies.current(), changes: await limits.policies.changes() });
  }),
});

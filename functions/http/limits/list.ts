import { app } from '@azure/functions';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { allLimits, limitsOfCaller } from '../../../shared/limits/admin/admin.ts';
import { services } from '../../services/services.ts';

app.http('limits-list', {
  route: 'api/limits',
  methods: ['GET', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['GET', 'POST'], access: 'user' }, async ({ caller, services: { limits } }) =>
    success({ limits: caller.role === 'admin' ? await allLimits(limits) : await limitsOfCaller(limits, caller) }),
  ),
});

import { app } from '@azure/functions';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { readInstance } from '../../../shared/instances/instance-access.ts';
import { services } from '../../services/services.ts';

app.http('instance-get', {
  route: 'api/use-cases/{name}/instances/{id}',
  methods: ['GET', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['GET'], access: 'user' }, async ({ request, caller, services }) =>
    success(await readInstance(services.instances, caller, request.params)),
  ),
});

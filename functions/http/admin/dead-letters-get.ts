import { app } from '@azure/functions';
import { filterOf, listRequestSchema } from '../../../shared/dead-letters/dead-letter-requests.ts';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { decodeRequest } from '../../../shared/http/validate.ts';
import { services } from '../../services/services.ts';

/** `?code=`, `?useCaseName=`, `?state=dead|replayed|delivered|discarded`. */
app.http('dead-letters-list', {
  route: 'api/admin/dead-letters',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['GET'], access: 'admin' }, async ({ request, services }) => {
    const filter = decodeRequest(listRequestSchema, Object.fromEntries(request.query));
    return success({ letters: await services.delivery.deadLetters.list({ ...filterOf(filter), state: filter.state }) });
  }),
});

app.http('dead-letters-show', {
  route: 'api/admin/dead-letters/{id}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['GET'], access: 'admin' }, async ({ request, services }) =>
    success({ letters: [await services.delivery.deadLetters.show(request.params['id'] ?? '')] }),
  ),
});

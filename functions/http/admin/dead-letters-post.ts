import { app } from '@azure/functions';
import {
  discardRequestSchema,
  filterOf,
  replayRequestSchema,
} from '../../../shared/dead-letters/dead-letter-requests.ts';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { readJson } from '../../../shared/http/json-body.ts';
import { decodeRequest } from '../../../shared/http/validate.ts';
import { services } from '../../services/services.ts';

const MAX_BYTES = 200_000;

app.http('dead-letters-replay', {
  route: 'api/admin/dead-letters/replay',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['POST'], access: 'admin' }, async ({ request, services }) => {
    const wanted = decodeRequest(replayRequestSchema, await readJson(request, MAX_BYTES));
    return success(await services.delivery.deadLetters.replay(filterOf(wanted)));
  }),
});

app.http('dead-letters-discard', {
  route: 'api/admin/dead-letters/discard',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['POST'], access: 'admin' }, async ({ request, caller, services }) => {
    const wanted = decodeRequest(discardRequestSchema, await readJson(request, MAX_BYTES));
    const reason = `${caller.userId}: ${wanted.reason}`;
    return success(await services.delivery.deadLetters.discard(filterOf(wanted), reason));
  }),
});

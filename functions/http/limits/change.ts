import { app } from '@azure/functions';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { readJson } from '../../../shared/http/json-body.ts';
import { decodeRequest } from '../../../shared/http/validate.ts';
import { changePolicy, policyNameOf } from '../../../shared/limits/admin/admin.ts';
import { updated, updatePolicySchema } from '../../../shared/limits/policies/policy-requests.ts';
import { services } from '../../services/services.ts';

const MAX_BYTES = 100_000;

/** `id`: the policy's name. */
app.http('limits-update', {
  route: 'api/limits/{id}',
  methods: ['PUT'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['PUT'], access: 'admin' }, async ({ request, caller, services }) => {
    const change = decodeRequest(updatePolicySchema, await readJson(request, MAX_BYTES));
    const name = policyNameOf(request.params['id'] ?? '');
    return success(await changePolicy(services.limits, name, caller.userId, (policy) => updated(policy, change)));
  }),
});

/** What its limits have counted stays, here and at Pay-i. */
app.http('limits-delete', {
  route: 'api/limits/{id}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['DELETE'], access: 'admin' }, async ({ request, caller, services }) => {
    const name = policyNameOf(request.params['id'] ?? '');
    await changePolicy(services.limits, name, caller.userId, () => undefined);
    return success({ deleted: name });
  }),
});

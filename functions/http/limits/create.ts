import { app } from '@azure/functions';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { readJson } from '../../../shared/http/json-body.ts';
import { decodeRequest } from '../../../shared/http/validate.ts';
import { createPolicy } from '../../../shared/limits/admin/admin.ts';
import {
  createPolicySchema,
  guideLimitSchema,
  policyOfGuide,
} from '../../../shared/limits/policies/policy-requests.ts';
import { services } from '../../services/services.ts';

const MAX_BYTES = 100_000;

app.http('limits-create', {
  route: 'api/limits',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['POST'], access: 'admin' }, async ({ request, caller, services }) => {
    const policy = decodeRequest(createPolicySchema, await readJson(request, MAX_BYTES));
    return success(await createPolicy(services.limits, policy, caller.userId), 201);
  }),
});

/** The shape of Pay-i's integration guide: its threshold is an amount. */
app.http('limits-create-guide', {
  route: 'api/v1/limits',
  methods: ['POST', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['POST'], access: 'admin' }, async ({ request, caller, services }) => {
    const policy = policyOfGuide(decodeRequest(guideLimitSchema, await readJson(request, MAX_BYTES)));
    return success(await createPolicy(services.limits, policy, caller.userId), 201);
  }),
});

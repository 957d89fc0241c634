import { resetPolicyRoute } from '../../../shared/api/limits/limit-policies.ts';
import { resetPolicy } from '../../../shared/limits/admin/reset-policy.ts';
import { serveChange } from '../../services/serve.ts';

serveChange(resetPolicyRoute, async ({ params, request, caller, services }) => {
  const resetId = request.headers.get('idempotency-key') ?? '';
  const data = await resetPolicy(services.limits, params.name, caller.userId, resetId);
  services.telemetry.info('limit-reset', { limitId: data.policy, by: caller.userId });
  return { data, target: data.policy, after: data };
});

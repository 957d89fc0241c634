import { reconcileRoute } from '../../../shared/api/admin/reconciliation.ts';
import { serve } from '../../services/serve.ts';

serve(reconcileRoute, async ({ query, services: { delivery, limits, settings } }) => ({
  data: await delivery.reconcile(query.day, query.lookUps, settings.LIMITS_ENABLED ? limits.policies.current() : []),
}));

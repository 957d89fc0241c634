import { reconcileRoute } from '../../../shared/api/admin/reconciliation.ts';
import { serve } from '../../services/serve.ts';

serve(reconcileRoute, async ({ query, services }) => ({
  data: await services.delivery.reconcile(query.day, query.lookUps),
}));

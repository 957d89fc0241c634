import { auditRoute } from '../../../shared/api/admin/events.ts';
import { serve } from '../../services/serve.ts';

serve(auditRoute, async ({ query, services }) => ({ data: await services.delivery.audit(query.days) }));

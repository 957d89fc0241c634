import { listWaitingRoute } from '../../../shared/api/admin/waiting.ts';
import { serve } from '../../services/serve.ts';

serve(listWaitingRoute, async ({ services }) => ({ data: await services.delivery.waiting() }));

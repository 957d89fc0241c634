import { discardDeadLettersRoute } from '../../../shared/api/admin/events.ts';
import { filterOf } from '../../../shared/dead-letters/dead-letter-requests.ts';
import { serve } from '../../services/serve.ts';

serve(discardDeadLettersRoute, async ({ body, caller, services }) => ({
  data: await services.delivery.deadLetters.discard(filterOf(body), `${caller.userId}: ${body.reason}`),
}));

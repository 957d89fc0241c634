import { replayDeadLettersRoute } from '../../../shared/api/admin/events.ts';
import { filterOf } from '../../../shared/dead-letters/dead-letter-requests.ts';
import { serve } from '../../services/serve.ts';

serve(replayDeadLettersRoute, async ({ body, services }) => ({
  data: await services.delivery.deadLetters.replay(filterOf(body)),
}));

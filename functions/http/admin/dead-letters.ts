import { listDeadLettersRoute } from '../../../shared/api/admin/events.ts';
import { filterOf } from '../../../shared/dead-letters/dead-letter-requests.ts';
import { serve } from '../../services/serve.ts';

serve(listDeadLettersRoute, async ({ query, services }) => ({
  data: { letters: await services.delivery.deadLetters.list({ ...filterOf(query), state: query.state }) },
}));

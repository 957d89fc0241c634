import { showDeadLetterRoute } from '../../../shared/api/admin/events.ts';
import { serve } from '../../services/serve.ts';

serve(showDeadLetterRoute, async ({ params, services }) => ({
  data: { letters: [await services.delivery.deadLetters.show(params.id)] },
}));

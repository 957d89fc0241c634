import { discardDeadLettersRoute } from '../../../shared/api/admin/events.ts';
import { filterOf } from '../../../shared/dead-letters/dead-letter-requests.ts';
import { serveChange } from '../../services/serve.ts';

serveChange(discardDeadLettersRoute, async ({ body, caller, services }) => {
  const data = await services.delivery.deadLetters.discard(filterOf(body), `${caller.userId}: ${body.reason}`);
  return { data, after: { asked: body, discarded: data.letters.map(({ id }) => id), skipped: data.skipped } };
});

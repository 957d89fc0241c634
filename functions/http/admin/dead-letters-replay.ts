import { replayDeadLettersRoute } from '../../../shared/api/admin/events.ts';
import { filterOf } from '../../../shared/dead-letters/dead-letter-requests.ts';
import { serveChange } from '../../services/serve.ts';

serveChange(replayDeadLettersRoute, async ({ body, services }) => {
  const data = await services.delivery.deadLetters.replay(filterOf(body));
  return { data, after: { asked: body, replayed: data.letters.map(({ id }) => id), skipped: data.skipped } };
});

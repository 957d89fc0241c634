import { readPayiSetupRoute, setUpPayiRoute } from '../../../shared/api/admin/payi-setup.ts';
import { json } from '../../../shared/http/answer.ts';
import { answerSetup, describeSetup } from '../../../shared/setup/setup-answer.ts';
import { serve, serveChange } from '../../services/serve.ts';

serve(readPayiSetupRoute, async ({ services }) => ({ data: await describeSetup(services) }));

serveChange(setUpPayiRoute, async ({ services }) => {
  const answer = await answerSetup(services);
  return { encoded: json(200, answer), after: answer.data };
});

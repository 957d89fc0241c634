import { readPayiSetupRoute, setUpPayiRoute } from '../../../shared/api/admin/payi-setup.ts';
import { json } from '../../../shared/http/answer.ts';
import { answerSetup, describeSetup } from '../../../shared/setup/setup-answer.ts';
import { serve } from '../../services/serve.ts';

serve(readPayiSetupRoute, async ({ services }) => ({ data: await describeSetup(services) }));

serve(setUpPayiRoute, async ({ services }) => ({ encoded: json(200, await answerSetup(services)) }));

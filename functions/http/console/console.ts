import { consoleRoute } from '../../../shared/api/console/routes.ts';
import { consoleFiles } from '../../services/console-files.ts';
import { serve } from '../../services/serve.ts';

serve(consoleRoute, async ({ request }) => ({
  encoded: await consoleFiles.page(request.headers.get('accept-encoding')),
}));

import { consoleViewRoute } from '../../../shared/api/console/routes.ts';
import { consoleFiles } from '../../services/console-files.ts';
import { serve } from '../../services/serve.ts';

serve(consoleViewRoute, async ({ request }) => ({
  encoded: await consoleFiles.page(request.headers.get('accept-encoding')),
}));

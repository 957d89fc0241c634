import { consoleViewRoute } from '../../../shared/api/console/routes.ts';
import { consoleFiles } from '../../services/console-files.ts';
import { serve } from '../../services/serve.ts';

serve(consoleViewRoute, async ({ request, services }) => ({
  encoded: await consoleFiles.page(request.headers.get('accept-encoding'), services.settings.WEBSITE_AUTH_ENABLED),
}));

import { consoleFileRoute } from '../../../shared/api/console/routes.ts';
import { consoleFiles } from '../../services/console-files.ts';
import { serve } from '../../services/serve.ts';

serve(consoleFileRoute, async ({ params, request }) => ({
  encoded: await consoleFiles.file(params.file, request.headers.get('accept-encoding')),
}));

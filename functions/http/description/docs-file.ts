import { docsFile } from '../../../shared/api/docs/files.ts';
import { docsFileRoute } from '../../../shared/api/document.ts';
import { serve } from '../../services/serve.ts';

serve(docsFileRoute, async ({ params }) => ({ encoded: await docsFile(params.file) }));

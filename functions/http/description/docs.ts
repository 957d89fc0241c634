import { docsPage } from '../../../shared/api/docs/page.ts';
import { docsRoute } from '../../../shared/api/document.ts';
import { serve } from '../../services/serve.ts';

serve(docsRoute, async () => ({ encoded: docsPage() }));

import { openApiRoute } from '../../../shared/api/document.ts';
import { openApiAnswer } from '../../../shared/api/openapi/answer.ts';
import { serve } from '../../services/serve.ts';

serve(openApiRoute, async () => ({ encoded: openApiAnswer() }));

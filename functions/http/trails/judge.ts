import { judgeRoute } from '../../../shared/api/trails.ts';
import { limitHeaders } from '../../../shared/http/limit-state.ts';
import { judgeNow } from '../../../shared/trails/judge/judge-now.ts';
import { serve } from '../../services/serve.ts';

serve(judgeRoute, async ({ body, caller, services, respond }) =>
  respond((_progress, signal) => judgeNow(services, caller, body, signal), {
    headersOf: (judged) => limitHeaders(judged.status === 'judged' ? judged.metrics : { limits: [] }),
  }),
);

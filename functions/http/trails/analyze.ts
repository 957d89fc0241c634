import { analyzeRoute } from '../../../shared/api/trails.ts';
import { limitHeaders } from '../../../shared/http/limit-state.ts';
import { analyze } from '../../../shared/trails/analysis/analyze.ts';
import { analysisContent, readAnalysisRequest } from '../../../shared/trails/analysis/request.ts';
import { serve } from '../../services/serve.ts';

serve(analyzeRoute, async ({ request, caller, services, respond }) => {
  const asked = await readAnalysisRequest(request, services);
  return respond((progress, signal) => analyze(services, caller, asked, progress, signal), {
    headersOf: ({ metrics }) => limitHeaders(metrics),
    content: () => analysisContent(asked),
    release: asked.release,
  });
});

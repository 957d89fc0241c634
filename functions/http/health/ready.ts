import { readinessRoute } from '../../../shared/api/health.ts';
import { readiness } from '../../../shared/http/health.ts';
import { serve } from '../../services/serve.ts';

serve(readinessRoute, async ({ services }) => ({
  encoded: await readiness(services.readinessChecks, services.settings, services.telemetry),
}));

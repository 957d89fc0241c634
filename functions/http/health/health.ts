import { healthRoute } from '../../../shared/api/health.ts';
import { health } from '../../../shared/http/health.ts';
import { serve } from '../../services/serve.ts';

serve(healthRoute, async ({ services }) => ({ encoded: health(services.clock, services.settings.ENVIRONMENT) }));

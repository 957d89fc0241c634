import { diagnoseRoute } from '../../../shared/api/admin/diagnosis.ts';
import { diagnose } from '../../../shared/diagnosis/diagnose.ts';
import { openParts } from '../../../shared/diagnosis/parts.ts';
import { serve } from '../../services/serve.ts';

serve(diagnoseRoute, async ({ services: { settings, clock } }) => ({
  data: await diagnose(openParts(settings, clock)),
}));

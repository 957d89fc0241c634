import { listSettingsRoute } from '../../../shared/api/admin/settings.ts';
import { shownSettings } from '../../../shared/config/shown-settings.ts';
import { serve } from '../../services/serve.ts';

serve(listSettingsRoute, async ({ services: { settings } }) => ({ data: { settings: shownSettings(settings) } }));

import { app } from '@azure/functions';
import { services } from '../services/services.ts';

/** Writes ended hours to files, two minutes after `usage-fold`; does nothing where the export is off. */
app.timer('usage-export', {
  schedule: '0 1,16,31,46 * * * *',
  handler: async () => void (await services().usageExport?.run()),
});

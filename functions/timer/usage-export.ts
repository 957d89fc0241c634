import { app } from '@azure/functions';
import { services } from '../services/services.ts';

/** Writes ended hours to files, after `usage-fold`; does nothing where the export is off. */
app.timer('usage-export', {
  schedule: '0 9,24,39,54 * * * *',
  handler: async () => void (await services().usageExport?.run()),
});

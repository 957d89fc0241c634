import { app } from '@azure/functions';
import { services } from '../services/services.ts';

/** Rollups and the index of instances: a minute after an hour counts as ended (`closedBefore`), then every quarter for late events. */
app.timer('usage-fold', {
  schedule: '0 14,29,44,59 * * * *',
  handler: async () => {
    const { usage, instanceIndex } = services();
    await instanceIndex.fold().finally(() => usage.fold());
  },
});

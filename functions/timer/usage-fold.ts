import { app } from '@azure/functions';
import { services } from '../services/services.ts';

/** A minute after an hour counts as ended (`closedBefore`), then every quarter for late events. */
app.timer('usage-fold', {
  schedule: '0 14,29,44,59 * * * *',
  handler: async () => void (await services().usage.fold()),
});

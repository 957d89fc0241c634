import { app } from '@azure/functions';
import { services } from '../services/services.ts';

app.timer('ledger-prune', {
  schedule: '0 30 3 * * *',
  handler: async () => {
    const { delivery, settings, telemetry } = services();
    const { LEDGER_RETENTION_DAYS: days, USAGE_RETENTION_DAYS: usageDays } = settings;
    telemetry.info('ledger-pruned', { days, usageDays, rows: await delivery.prune() });
  },
});

import { app } from '@azure/functions';
import { services } from '../services/services.ts';

app.timer('ledger-prune', {
  schedule: '0 30 3 * * *',
  handler: async () => {
    const { delivery, settings, telemetry } = services();
    const days = settings.LEDGER_RETENTION_DAYS;
    telemetry.info('ledger-pruned', { days, rows: await delivery.prune(days) });
  },
});

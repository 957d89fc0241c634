import { app } from '@azure/functions';
import { services } from '../services.ts';

app.timer('ledger-prune', {
  schedule: '0 30 3 * * *',
  handler: async () => {
    const { delivery, clock, settings, telemetry } = services();
    const removed = await delivery.ledger.prune(clock.now(), settings.LEDGER_RETENTION_DAYS);
    telemetry.info('ledger-pruned', { rows: removed });
  },
});

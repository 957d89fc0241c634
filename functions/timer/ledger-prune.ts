import { app } from '@azure/functions';
import { DAY_MS, dayOf } from '../../shared/delivery/days.ts';
import { services } from '../services.ts';

app.timer('ledger-prune', {
  schedule: '0 30 3 * * *',
  handler: async () => {
    const { delivery, clock, settings, telemetry } = services();
    const before = dayOf(clock.now() - settings.LEDGER_RETENTION_DAYS * DAY_MS);
    const rows = (await delivery.ledger.prune(before)) + (await delivery.register.prune(before));
    telemetry.info('ledger-pruned', { before, rows });
  },
});

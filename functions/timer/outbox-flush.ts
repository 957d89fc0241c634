import { app } from '@azure/functions';
import { services } from '../services/services.ts';

app.timer('outbox-flush', {
  schedule: '*/15 * * * * *',
  handler: async () => {
    const { delivery, telemetry } = services();
    const sent = await delivery.outbox.flush(delivery.queue);
    if (sent > 0) telemetry.info('outbox-flushed', { events: sent });
  },
});

import { app } from '@azure/functions';
import { services } from '../services/services.ts';

/** Moves what the queue dead-lettered into the place of all dead letters. */
app.timer('dead-letters-adopt', {
  schedule: '20 */5 * * * *',
  handler: async () => {
    const { delivery, telemetry } = services();
    const letters = await delivery.deadLetters.adopt();
    if (letters > 0) telemetry.warn('dead-letters-adopted', { letters });
  },
});

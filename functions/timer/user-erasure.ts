import { app } from '@azure/functions';
import { services } from '../services/services.ts';

/** Goes on with deletions of users' data. */
app.timer('user-erasure', {
  schedule: '45 */5 * * * *',
  handler: async () => void (await services().userErasure.resume()),
});

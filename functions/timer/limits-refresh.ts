import { app } from '@azure/functions';
import { services } from '../services/services.ts';

app.timer('limits-refresh', { schedule: '0 * * * * *', handler: () => services().limits.refreshAll() });

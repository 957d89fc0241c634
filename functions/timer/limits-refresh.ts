import { app } from '@azure/functions';
import { services } from '../services.ts';

app.timer('limits-refresh', { schedule: '0 * * * * *', handler: () => services().limits.refreshAll() });

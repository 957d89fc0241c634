import { app } from '@azure/functions';
import { services } from '../services/services.ts';

app.timer('limits-expire', { schedule: '30 * * * * *', handler: () => services().limits.expire() });

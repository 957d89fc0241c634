import { app } from '@azure/functions';
import { services } from '../services.ts';

app.timer('limits-expire', { schedule: '30 * * * * *', handler: () => services().limits.expire() });

import { app } from '@azure/functions';
import { collectBatches } from '../../shared/gateways/anthropic/batches/collect-batches.ts';
import { services } from '../services/services.ts';

/** Meters batches that have ended, also where nobody fetches their results. */
app.timer('batches-collect', { schedule: '10 * * * * *', handler: () => collectBatches(services().batches) });

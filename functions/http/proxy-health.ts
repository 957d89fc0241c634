import { app } from '@azure/functions';
import { door } from '../../shared/doors/door.ts';
import { proxyFailure } from '../../shared/doors/proxy/errors.ts';
import { proxyHealth } from '../../shared/doors/proxy/health.ts';
import { services } from '../services.ts';

const handler = door({ services, failure: proxyFailure }, async (_request, { settings }) => proxyHealth(settings));

app.http('proxy-health', { route: 'health', methods: ['GET'], authLevel: 'anonymous', handler });
app.http('proxy-health-secret', { route: 'p/{token}/health', methods: ['GET'], authLevel: 'anonymous', handler });

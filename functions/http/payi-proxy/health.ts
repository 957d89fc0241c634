import { app } from '@azure/functions';
import { gateway } from '../../../shared/gateways/gateway.ts';
import { proxyFailure } from '../../../shared/gateways/payi-proxy/errors.ts';
import { proxyHealth } from '../../../shared/gateways/payi-proxy/health.ts';
import { services } from '../../services/services.ts';

const handler = gateway({ services, failure: proxyFailure }, async (_request, { settings }) => proxyHealth(settings));

app.http('proxy-health', { route: 'health', methods: ['GET'], authLevel: 'anonymous', handler });
app.http('proxy-health-secret', { route: 'p/{token}/health', methods: ['GET'], authLevel: 'anonymous', handler });

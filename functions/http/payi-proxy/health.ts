import { proxyHealthByPathRoute, proxyHealthRoute } from '../../../shared/api/gateways/payi-proxy.ts';
import { proxyFailure } from '../../../shared/gateways/payi-proxy/errors.ts';
import { proxyHealth } from '../../../shared/gateways/payi-proxy/health.ts';
import { serveGateway } from '../../services/serve.ts';

for (const route of [proxyHealthRoute, proxyHealthByPathRoute])
  serveGateway(route, proxyFailure, async (_request, { settings }) => proxyHealth(settings));

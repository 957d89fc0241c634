import { app } from '@azure/functions';
import { trailFinderBody } from '../../../shared/gateways/payi-proxy/bodies.ts';
import { proxyRoutes } from '../../../shared/gateways/payi-proxy/routes.ts';
import { proxyTrailFinder } from '../../../shared/gateways/payi-proxy/trail-finder.ts';
import { services } from '../../services/services.ts';

for (const { name, route, handler } of proxyRoutes('trail-finder', services, trailFinderBody, proxyTrailFinder))
  app.http(name, { route, methods: ['POST'], authLevel: 'anonymous', handler });

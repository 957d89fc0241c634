import { app } from '@azure/functions';
import { trailFinderBody } from '../../shared/doors/proxy/bodies.ts';
import { proxyRoutes } from '../../shared/doors/proxy/routes.ts';
import { proxyTrailFinder } from '../../shared/doors/proxy/trail-finder.ts';
import { services } from '../services.ts';

for (const { name, route, handler } of proxyRoutes('trail-finder', services, trailFinderBody, proxyTrailFinder))
  app.http(name, { route, methods: ['POST'], authLevel: 'anonymous', handler });

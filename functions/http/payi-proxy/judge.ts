import { app } from '@azure/functions';
import { judgeBody } from '../../../shared/gateways/payi-proxy/bodies.ts';
import { proxyJudge } from '../../../shared/gateways/payi-proxy/judge.ts';
import { proxyRoutes } from '../../../shared/gateways/payi-proxy/routes.ts';
import { services } from '../../services/services.ts';

for (const { name, route, handler } of proxyRoutes('judge', services, judgeBody, proxyJudge))
  app.http(name, { route, methods: ['POST'], authLevel: 'anonymous', handler });

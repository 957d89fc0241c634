import { app } from '@azure/functions';
import { judgeBody } from '../../shared/doors/proxy/bodies.ts';
import { proxyJudge } from '../../shared/doors/proxy/judge.ts';
import { proxyRoutes } from '../../shared/doors/proxy/routes.ts';
import { services } from '../services.ts';

for (const { name, route, handler } of proxyRoutes('judge', services, judgeBody, proxyJudge))
  app.http(name, { route, methods: ['POST'], authLevel: 'anonymous', handler });

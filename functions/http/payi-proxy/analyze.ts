import { app } from '@azure/functions';
import { proxyAnalyze } from '../../../shared/gateways/payi-proxy/analyze.ts';
import { analyzeBody } from '../../../shared/gateways/payi-proxy/bodies.ts';
import { proxyRoutes } from '../../../shared/gateways/payi-proxy/routes.ts';
import { services } from '../../services/services.ts';

for (const { name, route, handler } of proxyRoutes('analyze', services, analyzeBody, proxyAnalyze))
  app.http(name, { route, methods: ['POST'], authLevel: 'anonymous', handler });

import { app } from '@azure/functions';
import { proxyAnalyze } from '../../shared/doors/proxy/analyze.ts';
import { analyzeBody } from '../../shared/doors/proxy/bodies.ts';
import { proxyRoutes } from '../../shared/doors/proxy/routes.ts';
import { services } from '../services.ts';

for (const { name, route, handler } of proxyRoutes('analyze', services, analyzeBody, proxyAnalyze))
  app.http(name, { route, methods: ['POST'], authLevel: 'anonymous', handler });

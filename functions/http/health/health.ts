import { app } from '@azure/functions';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { health, readiness } from '../../../shared/http/health.ts';
import { services } from '../../services/services.ts';

app.http('health', {
  route: 'api/health',
  methods: ['GET', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['GET'], access: 'anyone' }, async ({ services }) =>
    health(services.clock, services.settings.ENVIRONMENT),
  ),
});

app.http('health-ready', {
  route: 'api/health/ready',
  methods: ['GET', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['GET'], access: 'anyone' }, ({ services }) =>
    readiness(services.readinessChecks, services.telemetry),
  ),
});

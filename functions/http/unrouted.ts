import { app } from '@azure/functions';
import { routes } from '../../shared/api/routes.ts';
import { unrouted } from '../../shared/api/unrouted.ts';
import { withSecurityHeaders } from '../services/security-headers.ts';
import { services } from '../services/services.ts';

/** The host tries routes in the order of their functions' names, so this one must be the last. */
app.http('zz-unrouted', {
  route: '{*path}',
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: withSecurityHeaders(unrouted(services, routes)),
});

import { createKeyRoute, listKeysRoute } from '../../../shared/api/keys/keys.ts';
import { refuseUnknownRoutes } from '../../../shared/api/keys/unknown-routes.ts';
import { serve, serveChange } from '../../services/serve.ts';

serve(listKeysRoute, async ({ services }) => ({ data: { keys: await services.keys.list() } }));

serveChange(createKeyRoute, async ({ body, caller, services }) => {
  refuseUnknownRoutes(body.routes);
  const { key, after } = await services.keys.create(body, caller.userId);
  return { data: { key, keys: [after] }, after };
});

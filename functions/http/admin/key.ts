import { changeKeyRoute, getKeyRoute, revokeKeyRoute } from '../../../shared/api/keys/keys.ts';
import { refuseUnknownRoutes } from '../../../shared/api/keys/unknown-routes.ts';
import { serve, serveChange } from '../../services/serve.ts';

serve(getKeyRoute, async ({ params, services }) => ({ data: { keys: [await services.keys.show(params.name)] } }));

serveChange(changeKeyRoute, async ({ params, body, services }) => {
  refuseUnknownRoutes(body.routes);
  const { before, after } = await services.keys.change(params.name, body);
  return { data: { keys: [after] }, before, after };
});

serveChange(revokeKeyRoute, async ({ params, services }) => {
  const { before, after } = await services.keys.revoke(params.name);
  return { data: { keys: [after] }, before, after };
});

import { changeKeyRoute, getKeyRoute, revokeKeyRoute } from '../../../shared/api/keys/keys.ts';
import { refuseUnknownRoutes } from '../../../shared/api/keys/unknown-routes.ts';
import { serve } from '../../services/serve.ts';

serve(getKeyRoute, async ({ params, services }) => ({ data: { keys: [await services.keys.show(params.name)] } }));

serve(changeKeyRoute, async ({ params, body, services }) => {
  refuseUnknownRoutes(body.routes);
  const { after } = await services.keys.change(params.name, body);
  return { data: { keys: [after] } };
});

serve(revokeKeyRoute, async ({ params, services }) => {
  const { after } = await services.keys.revoke(params.name);
  return { data: { keys: [after] } };
});

import { rotateKeyRoute } from '../../../shared/api/keys/keys.ts';
import { serve } from '../../services/serve.ts';

serve(rotateKeyRoute, async ({ params, body, services }) => {
  const { key, after } = await services.keys.rotate(params.name, body.keepOldHours);
  return { data: { key, keys: [after] } };
});

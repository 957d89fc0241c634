import { rotateKeyRoute } from '../../../shared/api/keys/keys.ts';
import { serveChange } from '../../services/serve.ts';

serveChange(rotateKeyRoute, async ({ params, body, services }) => {
  const { key, before, after } = await services.keys.rotate(params.name, body.keepOldHours);
  return { data: { key, keys: [after] }, before, after };
});

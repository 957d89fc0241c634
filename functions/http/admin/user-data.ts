import { readUserDataRoute } from '../../../shared/api/admin/user-data.ts';
import { storableUserId } from '../../../shared/identity/user-id.ts';
import { readUserData } from '../../../shared/user-data/user-data.ts';
import { serve } from '../../services/serve.ts';

serve(readUserDataRoute, async ({ params, services }) => {
  const { instances, keys, delivery, settings } = services;
  const userId = storableUserId(params.id, settings.USER_ID_KEY, 'id');
  const data = await readUserData(
    { instances, keys, ledger: delivery.ledger, deadLetters: delivery.deadLetterStore },
    userId,
  );
  return { data: { ...data, elsewhere: [...data.elsewhere] } };
});

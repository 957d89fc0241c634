import { eraseUserDataRoute, readUserDataRoute } from '../../../shared/api/admin/user-data.ts';
import { storableUserId } from '../../../shared/identity/user-id.ts';
import { eraseUserData } from '../../../shared/user-data/erase-user-data.ts';
import { readUserData } from '../../../shared/user-data/user-data.ts';
import { serve, serveChange } from '../../services/serve.ts';
import type { Services } from '../../services/services.ts';

const userIdOf = ({ params, services }: { params: { id: string }; services: Pick<Services, 'settings'> }): string =>
  storableUserId(params.id, services.settings.USER_ID_KEY, 'id');

serve(readUserDataRoute, async (call) => {
  const { instances, keys, delivery, userContent } = call.services;
  const sources = {
    instances,
    keys,
    atProvider: userContent,
    ledger: delivery.ledger,
    deadLetters: delivery.deadLetterStore,
  };
  const data = await readUserData(sources, userIdOf(call));
  return { data: { ...data, elsewhere: [...data.elsewhere] } };
});

// The entry in the admin log must not name the user by an e-mail address.
serveChange(
  eraseUserDataRoute,
  async (call) => {
    const data = await eraseUserData(call.services.userErasure, userIdOf(call));
    const { state, erased } = data;
    return { data, after: { state, erased } };
  },
  userIdOf,
);

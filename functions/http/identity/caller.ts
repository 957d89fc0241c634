import { showCallerRoute } from '../../../shared/api/caller.ts';
import { serve } from '../../services/serve.ts';

serve(showCallerRoute, async ({ caller: { userId, accountName, role, via, key } }) => ({
  data: { userId, accountName: accountName ?? null, role, via, key: key?.name ?? null },
}));

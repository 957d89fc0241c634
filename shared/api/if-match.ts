import { z } from 'zod';

/** For changes of what another admin may have changed since it was read. */
export const ifMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .describe('Required: the ETag of what is changed, or `*`. Without it 428, with that of another state 412.'),
});

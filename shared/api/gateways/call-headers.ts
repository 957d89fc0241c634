import { z } from 'zod';

/** What a call is for. A caller with an access key may also name the user and the account. */
export const callHeaders = z.object({
  'x-use-case-name': z.string().optional(),
  'x-use-case-id': z.string().optional(),
  'x-use-case-version': z.string().optional(),
  'x-use-case-step': z.string().optional(),
  'x-use-case-properties': z.string().optional().describe('A JSON object of texts.'),
  'x-request-properties': z.string().optional().describe('A JSON object of texts.'),
  'x-user-id': z.string().optional(),
  'x-account-name': z.string().optional(),
  /** `true`: a stream ends with a comment that says what it cost. */
  'x-cost-in-stream': z.string().optional(),
});

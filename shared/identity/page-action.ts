import { RequestError } from '../errors/request-errors.ts';
import type { Access, Caller } from './caller.ts';

/** Ways whose credential the browser sends by itself, whatever page makes the request. */
const sentByBrowsers: readonly string[] = ['session', 'app-service'];
/** Headers that a form can't have, and that a page of another site sends only after a preflight, which it does not pass. */
const scriptHeaders = ['x-requested-with', 'authorization'];

/**
 * A page of another site could make the browser of a signed-in admin send a form (CSRF). So what an admin changes needs a header that
 * only a script of an allowed page can send.
 * @throws RequestError 403
 */
export function refuseForms(
  { via }: Pick<Caller, 'via'>,
  { method, access }: { method: string; access: Access },
  headers: Headers,
): void {
  if (access !== 'admin' || method === 'GET' || !sentByBrowsers.includes(via)) return;
  if (scriptHeaders.some((name) => headers.has(name))) return;
  throw new RequestError(
    'not_from_script',
    'The header x-requested-with is missing. A signed-in browser must send it with every change.',
    { status: 403 },
  );
}

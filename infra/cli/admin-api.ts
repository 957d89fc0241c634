import type { CommandArguments } from './command.ts';

/** Where the app is and how to be let in: for every command that asks a running app. */
export const adminOptions = { url: { type: 'string' }, key: { type: 'string' } } as const;

/** A request to the running app. */
export interface AppCall {
  /** Path with its query, e.g. `/api/usage?user=sam`. */
  path: string;
  /** Sent as JSON. */
  body?: object | undefined;
  /** Default: POST with a body, else GET. */
  method?: string;
  /** The user that an access key calls for. */
  userId?: string;
  headers?: Record<string, string>;
}

/**
 * Calls an admin route of the running app: `--url` (default: the laptop's own, or `TRAILMETER_URL`), `--key` (or
 * `TRAILMETER_KEY`), an access key whose role is admin.
 * @throws Error in the app's own words
 */
export function callAdmin(
  args: CommandArguments,
  path: string,
  body?: object,
  method = body ? 'POST' : 'GET',
): Promise<Record<string, unknown>> {
  return callAs(args, { path: `/api/admin/${path}`, body, method });
}

/** Calls any route as the options of a command say. @throws Error in the app's own words */
export function callAs(args: CommandArguments, call: AppCall): Promise<Record<string, unknown>> {
  const base = String(args.values['url'] ?? process.env['TRAILMETER_URL'] ?? 'http://127.0.0.1:7071');
  const key = args.values['key'] ?? process.env['TRAILMETER_KEY'];
  return callApp(base, key === undefined ? undefined : String(key), call);
}

/** Calls a route whose answer is an envelope, and returns its data. @throws Error in the app's own words */
export async function callApp(
  url: string,
  key: string | undefined,
  { path, body, method = body ? 'POST' : 'GET', userId, headers }: AppCall,
): Promise<Record<string, unknown>> {
  const base = url.replace(/\/+$/, '');
  const response = await fetch(`${base}${path}`, {
    headers: {
      ...headers,
      ...(key !== undefined && { 'x-functions-key': key }),
      ...(userId !== undefined && { 'x-user-id': userId }),
      ...(body && { 'content-type': 'application/json' }),
    },
    method,
    ...(body && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new Error(`No app answers at ${base}. Start one with: npm start, or name one with --url.`, { cause: error });
  });
  // An answer that is not JSON comes from something else than the app: its status is reported below.
  const answer = (await response.json().catch(() => undefined)) as
    | { data?: Record<string, unknown>; error?: string }
    | undefined;
  if (!response.ok || !answer?.data) throw new Error(answer?.error ?? `The app answered ${response.status}.`);
  return answer.data;
}

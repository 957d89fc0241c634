/** What the user signed in with. Cookies and the platform's sign-in need none: the browser sends them by itself. */
export interface Credential {
  kind: 'key' | 'token';
  value: string;
}

const NAME = 'trailmeter-credential';

/** The credential of this tab; it ends with the tab. */
export function readCredential(): Credential | undefined {
  const [kind, ...rest] = (sessionStorage.getItem(NAME) ?? '').split(' ');
  return kind === 'key' || kind === 'token' ? { kind, value: rest.join(' ') } : undefined;
}

export function keepCredential(credential: Credential | undefined): void {
  if (credential) sessionStorage.setItem(NAME, `${credential.kind} ${credential.value}`);
  else sessionStorage.removeItem(NAME);
}

/** The header that a credential is sent in. */
export function headersOf(credential: Credential | undefined): Record<string, string> {
  if (!credential) return {};
  return credential.kind === 'key'
    ? { 'x-functions-key': credential.value }
    : { authorization: `Bearer ${credential.value}` };
}

/** A token has three parts, of which the first is a JSON object in base64url; all else is an access key. */
export function credentialFrom(text: string): Credential {
  const value = text.trim().replace(/^Bearer\s+/i, '');
  return { kind: /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(value) ? 'token' : 'key', value };
}

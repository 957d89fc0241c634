interface Session {
  token: Record<string, unknown>;
  secret: string;
  salt: string;
  maxAge?: number;
}
// Auth.js itself makes the cookies. Its declarations bring the types of browsers into the whole program, so they are left out.
const { encode } = (await import('@auth/core/jwt' as string)) as { encode: (session: Session) => Promise<string> };

/** A session as the front-end's Auth.js makes it, by default for the cookie of a site without HTTPS. */
export const sessionOf = (
  token: Record<string, unknown>,
  secret: string,
  { salt = 'authjs.session-token', ...more }: Partial<Pick<Session, 'salt' | 'maxAge'>> = {},
): Promise<string> => encode({ token, secret, salt, ...more });

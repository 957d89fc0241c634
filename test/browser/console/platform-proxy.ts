import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Stands before the app as App Service Authentication does: takes the principal's header from what clients send, and sets that of the
 * user who is signed in.
 */
export async function startPlatformProxy(app: string) {
  let principal: string | undefined;
  const server = createServer((incoming, outgoing) => {
    const { 'x-ms-client-principal': _forged, ...headers } = incoming.headers;
    const forwarded = request(new URL(incoming.url ?? '/', app), {
      method: incoming.method ?? 'GET',
      headers: { ...headers, ...(principal && { 'x-ms-client-principal': principal }) },
    });
    forwarded.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Signs a user in, as Entra names one; undefined: nobody. */
    signIn(user: { id: string; roles: string[] } | undefined): void {
      principal = user && Buffer.from(JSON.stringify(principalOf(user))).toString('base64');
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const principalOf = ({ id, roles }: { id: string; roles: string[] }) => ({
  auth_typ: 'aad',
  name_typ: 'name',
  role_typ: 'roles',
  claims: [
    { typ: 'http://schemas.microsoft.com/identity/claims/objectidentifier', val: id },
    ...roles.map((role) => ({ typ: 'roles', val: role })),
  ],
});

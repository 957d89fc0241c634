/** Entra ID in place of `@azure/identity`: what it was asked for, and whether it refuses. For `vi.mock` in a file of tests. */
export const entra = { asked: [] as string[], fails: false };

export const forgetEntra = (): void => void Object.assign(entra, { asked: [], fails: false });

export class FakeAzureCredential {
  async getToken(scope: string | string[]) {
    entra.asked.push(String(scope));
    if (entra.fails) throw new Error('no identity');
    return { token: 'provider-secret', expiresOnTimestamp: Date.now() + 3_600_000 };
  }
}

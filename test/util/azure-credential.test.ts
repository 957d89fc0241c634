import { beforeEach, expect, test, vi } from 'vitest';
import { createAzureCredential } from '../../shared/util/azure/azure-credential.ts';

const made = vi.hoisted(() => ({ credentials: 0 }));

vi.mock('@azure/identity', () => ({
  DefaultAzureCredential: class {
    constructor() {
      made.credentials += 1;
    }
    async getToken(scope: string) {
      return { token: `for ${scope}`, expiresOnTimestamp: 0 };
    }
  },
}));

beforeEach(() => {
  made.credentials = 0;
});

test('the credential is made by the first token that is asked for', async () => {
  const credential = createAzureCredential();
  expect(made.credentials).toBe(0);
  expect((await credential.getToken('a'))?.token).toBe('for a');
  expect(made.credentials).toBe(1);
});

test('tokens asked for at once come from one credential', async () => {
  const credential = createAzureCredential();
  const tokens = await Promise.all(['a', 'b'].map((scope) => credential.getToken(scope)));
  expect(tokens.map((token) => token?.token)).toEqual(['for a', 'for b']);
  expect(made.credentials).toBe(1);
});

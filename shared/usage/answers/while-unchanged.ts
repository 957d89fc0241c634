import { UsageChangedError } from '../rollups/usage-changed-error.ts';

const ATTEMPTS = 3;

/** Reads again when rollups were replaced meanwhile. @throws UsageChangedError when that happened several times */
export async function whileUnchanged<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof UsageChangedError) || attempt === ATTEMPTS) throw error;
    }
  }
}

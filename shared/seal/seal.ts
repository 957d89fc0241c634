import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { TrailmeterError } from '../errors/trailmeter-error.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Makes content unreadable for whoever can look into a queue or a table (AES-256-GCM). */
export interface Seal {
  /** @param about is not hidden but can't be exchanged: opening needs the same. */
  close(content: unknown, about: string): string;
  /** @throws TrailmeterError when it was sealed with another key, or changed. */
  open(sealed: string, about: string): unknown;
}

/** @param key 32 bytes in base64 (JUDGE_SEAL_KEY). @throws TrailmeterError when it is not. */
export function createSeal(key: string): Seal {
  const bytes = Buffer.from(key, 'base64');
  if (bytes.byteLength !== 32)
    throw new TrailmeterError(
      'invalid_settings',
      `JUDGE_SEAL_KEY must be 32 bytes in base64; it is ${bytes.byteLength} bytes. Make one with: openssl rand -base64 32`,
    );
  return {
    close(content, about) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', bytes, iv).setAAD(Buffer.from(about));
      const hidden = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), hidden]).toString('base64');
    },
    open(sealed, about) {
      try {
        const all = Buffer.from(sealed, 'base64');
        const decipher = createDecipheriv('aes-256-gcm', bytes, all.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(about))
          .setAuthTag(all.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        const clear = Buffer.concat([decipher.update(all.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
        return JSON.parse(clear.toString());
      } catch (cause) {
        throw new TrailmeterError('unreadable_seal', 'It was sealed with another key, or changed.', { cause });
      }
    },
  };
}

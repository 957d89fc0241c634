import { expect, test } from 'vitest';
import { startStack } from '../../infra/local/stack.ts';
import { picture } from '../support/pictures.ts';
import { attack, type Upload, WATCHED_APP } from './attack.ts';
import { drawBombs } from './bombs.ts';

const KEY = 'a-key-for-large-requests';
const UPLOADS = 6;

/** `npm run large-requests` in small: budgets of 128 MB, which three of these uploads would pass. */
test('large uploads and bombs at once: 200, or 503 with Retry-After', async () => {
  const stack = await startStack({
    entry: WATCHED_APP,
    settings: {
      ACCESS_KEYS: JSON.stringify({ attacker: { key: KEY, role: 'admin' } }),
      ...{ REQUEST_MEMORY_MB: '128', PICTURE_MEMORY_MB: '128', LIMITS_ENABLED: 'false' },
    },
    log: () => undefined,
  });
  try {
    const photo = Buffer.concat([await picture('jpeg'), Buffer.alloc(20_000_000)]);
    const uploads = await attack(
      'uploads',
      stack,
      KEY,
      Array.from({ length: UPLOADS }, (): Upload => [photo]),
    );
    expect(Object.keys(uploads.byStatus).filter((status) => !['200', '503'].includes(status))).toEqual([]);
    expect(uploads.byStatus['200']).toBeGreaterThan(0);
    const bombs = await drawBombs(0.03);
    const pictures = bombs.map(({ bytes }): Upload => [bytes]);
    const { byStatus, peakMb } = await attack('bombs', stack, KEY, pictures);
    expect(Object.keys(byStatus).filter((status) => !['200', '400', '503'].includes(status))).toEqual([]);
    expect(peakMb).toBeLessThan(1_000);
  } finally {
    await stack.close();
  }
});

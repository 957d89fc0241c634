import sharp from 'sharp';
import { runCommand, wholeNumber } from '../../infra/cli/command.ts';
import { startStack } from '../../infra/local/stack.ts';
import { noise } from '../support/pictures.ts';
import { attack, type Upload, WATCHED_APP, type Wave } from './attack.ts';
import { drawBombs } from './bombs.ts';
import { measureLoopHolds } from './loop-holds.ts';

/**
 * `npm run large-requests`: uploads of 60 MB at once, then pictures that take as much memory as the budget allows, against one
 * process with the budgets of an instance of 2 GB; then the largest bodies of each route. Linux. Exit 1 when the process takes 1 GB,
 * an answer is 5xx but 503 with Retry-After, a small call meanwhile takes longer than a second, or a turn of the event loop has
 * 100 ms of work. By the clock a busy machine holds the loop longer; what small calls wait for a processor does not count.
 */
const command = { usage: 'npm run large-requests -- [--uploads N]', options: { uploads: { type: 'string' } } } as const;
const KEY = 'a-key-for-large-requests';
const MAX_MB = 1_000;
const MAX_SMALL_MS = 1_000;
const MAX_HOLD_MS = 100;

await runCommand(command, async (args, output) => {
  const count = wholeNumber(args, 'uploads', 64);
  const stack = await startStack({
    entry: WATCHED_APP,
    settings: {
      ACCESS_KEYS: JSON.stringify({ attacker: { key: KEY, role: 'admin' } }),
      REQUEST_MEMORY_MB: '512',
      PICTURE_MEMORY_MB: '512',
      LIMITS_ENABLED: 'false',
      // As the Bicep has it.
      MALLOC_ARENA_MAX: '2',
      MALLOC_MMAP_THRESHOLD_: '1048576',
      MALLOC_TRIM_THRESHOLD_: '1048576',
    },
    log: (line) => process.stderr.write(`${line}\n`),
  });
  const waves: Wave[] = [];
  try {
    output.progress('draw …');
    const photo = await sharp(await noise(4_000, 3_000))
      .jpeg({ quality: 95 })
      .toBuffer();
    const padded = Buffer.concat([photo, Buffer.alloc(Math.max(0, 30_000_000 - photo.length))]);
    const bombs = await drawBombs();
    const bombAt = (n: number): Upload => [bombs[n % bombs.length]?.bytes ?? Buffer.alloc(0)];
    output.progress('warm up …');
    await warmUp(stack.url, photo);
    for (const [name, uploads] of [
      ['60 MB', Array.from({ length: count }, (): Upload => [padded, padded])],
      ['bombs', Array.from({ length: count }, (_, n) => bombAt(n))],
    ] as const) {
      output.progress(`${count} × ${name} …`);
      const wave = await attack(name, stack, KEY, uploads);
      output.say(`${count} × ${name}: ${JSON.stringify(wave)}`);
      waves.push(wave);
    }
  } finally {
    await stack.close();
  }
  output.progress('the largest bodies …');
  const holds = await measureLoopHolds();
  for (const { name, status, wallMs, cpuMs } of holds)
    output.say(`${name}: ${status}, event loop held for ${cpuMs} ms of work, ${wallMs} ms by the clock`);
  const ok =
    holds.every(({ status, cpuMs }) => status < 500 && cpuMs < MAX_HOLD_MS) &&
    waves.every(
      ({ byStatus, peakMb, slowest, turn }) =>
        peakMb < MAX_MB &&
        slowest.wallMs - slowest.withoutProcessorMs < MAX_SMALL_MS &&
        turn.cpuMs < MAX_HOLD_MS &&
        Object.keys(byStatus).every((status) => status === '503' || !/^5/.test(status)),
    );
  return { ok, waves, holds };
});

/** Loads what the app loads with the first request that needs it, such as the source map of the laptop's build with the first error. */
async function warmUp(url: string, photo: Uint8Array): Promise<void> {
  for (const bytes of [photo, photo.subarray(0, 10_000)]) {
    const body = new FormData();
    body.append('images', new Blob([new Uint8Array(bytes)]), 'a.jpg');
    await (
      await fetch(`${url}/api/analyze`, { method: 'POST', headers: { 'x-functions-key': KEY }, body })
    ).arrayBuffer();
  }
}

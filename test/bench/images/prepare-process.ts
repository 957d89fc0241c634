import { readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { createRequestMemory } from '../../../shared/http/memory/request-memory.ts';
import { photosOf } from '../../../shared/trails/analysis/images/photos.ts';
import { decodingBytes } from '../../../shared/trails/analysis/images/pixels.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { picture } from '../../support/pictures.ts';
import type { Measured } from './measure.ts';

const MEGABYTE = 1_048_576;
const { pictures } = createRequestMemory({ REQUEST_MEMORY_MB: 4_096, PICTURE_MEMORY_MB: 4_096 }, systemClock);

/** The highest resident memory since the last `forget`, in MB. Linux. */
const highest = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1_024;
const forget = (): void => writeFileSync('/proc/self/clear_refs', '5');

process.once('message', async ({ bytes, copies }: { bytes: Uint8Array; copies: number }) => {
  // Libraries are loaded and code is compiled before.
  await photosOf([{ bytes: await picture('jpeg', 3_000, 10), declaredType: undefined }], pictures);
  const meta = await sharp(bytes, { limitInputPixels: false }).metadata();
  const before = process.memoryUsage.rss() / MEGABYTE;
  forget();
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await photosOf(
    Array.from({ length: copies }, () => ({ bytes, declaredType: undefined })),
    pictures,
  );
  const { user, system } = process.cpuUsage(cpu);
  const measured: Measured = {
    megapixels: Math.round((meta.width * meta.height) / 100_000) / 10,
    wallMs: Math.round(performance.now() - startedMs),
    cpuMs: Math.round((user + system) / 1_000),
    peakMb: Math.round(highest() - before),
    budgetMb: Math.round(decodingBytes(meta, 0, pictures.capacity) / MEGABYTE),
  };
  process.send?.(measured);
});

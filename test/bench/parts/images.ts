import sharp from 'sharp';
import { drawPictures } from '../images/draw.ts';
import { measurePictures } from '../images/measure.ts';
import type { BenchPart, PartResult } from '../part.ts';

/**
 * Photos as they are made fit for the provider, each format in a process of its own: time, CPU and the memory that decoding
 * takes above what the process had. The budget must not be below any of them.
 */
const bench: BenchPart = {
  part: 'images',
  async run({ progress }) {
    const rows: PartResult['rows'] = [];
    const goals: PartResult['goals'] = [];
    for (const { name, bytes, copies } of await drawPictures(progress)) {
      progress(name);
      const { megapixels, wallMs, cpuMs, peakMb, budgetMb } = await measurePictures(bytes, copies);
      rows.push({
        name: copies > 1 ? `${copies} × ${name}` : name,
        megapixels,
        wallMs,
        cpuMs,
        cpuMsPerMegapixel: Math.round((cpuMs / megapixels / copies) * 10) / 10,
        peakMb,
        peakBytesPerPixel: Math.round((peakMb * 1.048_576 * 10) / megapixels) / 10,
        budgetMb,
      });
      if (copies === 1)
        goals.push({
          name: `memory of ${name}`,
          goal: `≤ ${budgetMb} MB`,
          got: `${peakMb} MB`,
          met: peakMb <= budgetMb,
        });
      else
        goals.push({ name: `${copies} × ${name}`, goal: '< 2,000 ms of CPU', got: `${cpuMs} ms`, met: cpuMs < 2_000 });
    }
    return { on: [`sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`], rows, goals };
  },
};
export default bench;

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../infra/cli/build.ts';
import { runCommand, wholeNumber } from '../../infra/cli/command.ts';
import { allOrNone } from '../../infra/local/all-or-none.ts';
import { readTables } from './recorded-rows.ts';
import { buildRelease } from './release.ts';
import { roll } from './rolling.ts';

const command = {
  usage: 'npm run upgrade -- --from REF [--calls N] [--record FILE]',
  options: { from: { type: 'string' }, calls: { type: 'string' }, record: { type: 'string' } },
} as const;

/**
 * `npm run upgrade`: the package of a git ref and this one on the same tables and queues: the old one, both, the new one, and back.
 * Exit 1 when a call failed, an event was lost or came twice, or limits and usage are not what the callers were told.
 * `--record` writes the messages and rows of the old one alone, for the test of its formats.
 */
await runCommand(command, async (args, output, signal) => {
  const from = args.values['from'];
  if (typeof from !== 'string') throw new Error(command.usage);
  const record = args.values['record'];
  const messages: unknown[] = [];
  let isRecording = typeof record === 'string';
  return allOrNone(async (stands, close) => {
    output.progress(`Building ${from} …`);
    const old = await buildRelease(from, stands, signal);
    const now = await mkdtemp(join(tmpdir(), 'release-'));
    stands(() => rm(now, { recursive: true, force: true }));
    await buildApp({ outDir: now, deployable: true });
    const result = await roll(
      {
        releases: { old, new: now },
        calls: wholeNumber(args, 'calls', 10),
        log: () => undefined,
        progress: (text) => output.progress(text),
        onMessage: (queue, body) => {
          if (isRecording && queue === 'usage-events') messages.push(JSON.parse(body.toString()));
        },
        afterPhase: async (_phase, { settings }) => {
          if (!isRecording || typeof record !== 'string') return;
          isRecording = false;
          const rows = await readTables(settings['TablesConnection'] ?? '', 'trailmeter');
          await writeFile(record, `${JSON.stringify({ messages, rows }, undefined, 1)}\n`);
        },
      },
      stands,
    );
    await close();
    for (const { releases, calls, failed } of result.phases)
      output.say(`${releases.padEnd(12)} ${calls} calls, ${failed} failed`);
    const { audit, payi, replayed, toldUsd, limitUsd, usageUsd, isSound } = result;
    output.say(
      `audit        ${JSON.stringify(audit.states)}, ${audit.missing.length} missing, ${audit.doubled.length} doubled`,
    );
    if (replayed > 0) output.say(`dead letters ${replayed} that the older release could not read, sent again`);
    output.say(`Pay-i        ${payi.events} calls, ${payi.doubled} doubled`);
    output.say(`USD          ${toldUsd} by the answers, ${limitUsd} by the limit, ${usageUsd} by usage`);
    return { ok: isSound, from, ...result };
  });
});

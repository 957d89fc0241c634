import { runCommand, wholeNumber } from '../../infra/cli/command.ts';
import { soak } from './run.ts';

/**
 * `npm run soak -- --minutes N` (10): every kind of call at once on the whole stack. Exit 1 when a call failed that should
 * not, an event was lost or doubled, the conservation check (D2) found one, or memory went on growing.
 */
const command = { usage: 'npm run soak -- [--minutes N]', options: { minutes: { type: 'string' } } } as const;

await runCommand(command, async (args, output, signal) => {
  const minutes = wholeNumber(args, 'minutes', 10);
  const result = await soak({
    loadMs: minutes * 60_000,
    sampleMs: 10_000,
    processes: 2,
    concurrency: 8,
    random: Math.random,
    signal,
    progress: (text) => output.progress(`  ${text}`),
  });
  const { calls, outcomes, failures, modelCalls, lost, doubled, rssMb, memoryIsFlat, audit } = result;
  output.say(
    `${calls} calls in ${minutes} min: ${Object.entries(outcomes)
      .map(([name, n]) => `${n} ${name}`)
      .join(', ')}.`,
  );
  for (const failure of failures) output.say(`FAILED: ${failure}`);
  output.say(`${modelCalls} answers of the model: ${lost} lost, ${doubled} doubled.`);
  output.say(
    `Memory of the app: ${rssMb[0]} MB at first, ${rssMb.at(-1)} MB at last, ${memoryIsFlat ? 'flat' : 'GROWING'}.`,
  );
  output.say(`Conservation: ${audit.missing.length} missing, ${audit.doubled.length} in two states.`);
  const ok = outcomes.failed + lost + doubled === 0 && audit.ok && memoryIsFlat;
  return { ok, minutes, ...result };
});

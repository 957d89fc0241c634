import { runCommand, wholeNumber } from '../../infra/cli/command.ts';
import { fuzz } from './run.ts';

/**
 * `npm run fuzz -- --seed N --seconds S --requests N`: hostile bytes on every port of the laptop stack, for so
 * many seconds or until so many HTTP requests were sent, whichever comes first; with neither, for a minute. Exit 1 when a process
 * ended, a request was left without an answer or answered with 500, memory ran away, a model was called for what is not meant for it, or an
 * ordinary client noticed anything.
 * The same seed gives the same attacks.
 */
const options = { seed: { type: 'string' }, seconds: { type: 'string' }, requests: { type: 'string' } } as const;
/** Growth above this is a leak, not a cache that fills. */
const GROWTH_LIMIT_MB = 150;
/** With a number of requests and no time. */
const LONGEST_SECONDS = 1_800;

await runCommand(
  { usage: 'npm run fuzz -- [--seed TEXT] [--seconds N] [--requests N]', options },
  async (args, output, signal) => {
    const { seed = String(Date.now()) } = args.values;
    const most = wholeNumber(args, 'requests', Number.MAX_SAFE_INTEGER);
    const seconds = wholeNumber(args, 'seconds', args.values['requests'] === undefined ? 60 : LONGEST_SECONDS);
    output.progress(`Seed ${seed}, at most ${seconds} s …`);
    const result = await fuzz({
      seed: String(seed),
      requests: most,
      ms: seconds * 1_000,
      signal,
      progress: (text) => output.progress(`  ${text}`),
    });
    const { requests, photos, connections, byStatus, witness, rssGrowthMb, complaints, crashes, hangs } = result;
    const outcomes = Object.entries(byStatus).map(([outcome, count]) => `${count} × ${outcome}`);
    output.say(`${requests} hostile HTTP requests, ${photos} of them with photos: ${outcomes.join(', ')}.`);
    output.say(
      `${result.wellFormedModelCalls} calls of a model for requests that are meant for one, ${result.modelCalls} others.`,
    );
    output.say(`${connections} hostile AMQP connections.`);
    output.say(`The ordinary client beside them got ${witness.received} of ${witness.sent} messages.`);
    output.say(`${crashes} processes ended, ${hangs} requests without an answer, memory ${rssGrowthMb} MB up.`);
    for (const complaint of complaints) output.say(`FAILED: ${complaint}`);
    const ok = complaints.length === 0 && rssGrowthMb < GROWTH_LIMIT_MB;
    return { ok, seed: String(seed), seconds, ...result };
  },
);

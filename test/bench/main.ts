import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { runCommand } from '../../infra/cli/command.ts';
import { type BenchPart, type PartResult, resultOf } from './part.ts';

/** `npm run bench -- PART …`: the named benchmarks side by side; without a name, all of them. */
const folder = new URL('./parts/', import.meta.url);
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

await runCommand({ usage: `npm run bench -- [${known.join(' | ')}] …`, words: true }, async (args, output, signal) => {
  const wanted = args.positionals.length > 0 ? args.positionals : known;
  const unknown = wanted.filter((part) => !known.includes(part));
  if (unknown.length > 0) throw new Error(`No benchmark "${unknown.join('", "')}". There are: ${known.join(', ')}.`);
  const parts: ({ part: string } & PartResult)[] = [];
  for (const name of wanted) {
    signal.throwIfAborted();
    output.progress(`bench ${name} …`);
    const { default: part } = (await import(new URL(`${name}.ts`, folder).href)) as { default: BenchPart };
    const result = await part.run({ progress: (text) => output.progress(`  ${text}`) });
    const goals = result.goals.map((goal) => {
      const { undecided, ...shown } = goal;
      return { ...shown, result: resultOf(goal) };
    });
    parts.push({ part: part.part, ...result, goals });
    print(name, result, output.say);
  }
  const ok = parts.every((part) => part.goals.every((goal) => goal.met));
  return { ok, machine: machine(), parts };
});

function machine() {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

function print(name: string, result: PartResult, say: (text: string) => void): void {
  say(`\n${name} (${result.on.join('; ')})`);
  for (const { name: row, ...figures } of result.rows) {
    say(
      `  ${row.padEnd(44)} ${Object.entries(figures)
        .map(([figure, value]) => `${figure} ${String(value)}`)
        .join('  ')}`,
    );
  }
  for (const goal of result.goals) say(`  ${resultOf(goal).padEnd(9)} ${goal.name}: ${goal.goal}; got ${goal.got}`);
}

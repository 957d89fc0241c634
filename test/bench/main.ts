import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { runCommand } from '../../infra/cli/command.ts';
import { type BenchPart, type PartResult, resultOf } from './part.ts';
import { sectionOf, withSection } from './report.ts';

/**
 * `npm run bench -- PART …`: the named benchmarks side by side; without a name, all of them. Each writes its section of
 * docs/benchmarks.md.
 */
const folder = new URL('./parts/', import.meta.url);
const page = new URL('../../docs/benchmarks.md', import.meta.url);
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
    write(name, result);
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

function write(name: string, result: PartResult): void {
  const before = existsSync(page) ? readFileSync(page, 'utf8') : '';
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(page, withSection(before, name, sectionOf(name, result, machine(), day)));
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

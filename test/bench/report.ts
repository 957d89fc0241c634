import { type PartResult, resultOf } from './part.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGib: number;
  node: string;
}

const HEAD = `# Benchmarks

Each section is written by \`npm run bench -- PART\` and says when and where it ran; \`npm run bench\` runs all parts. Figures compare
within a section, not between machines. What is compared takes turns round by round, CPU is that of the measured process, and a goal is
decided by the 99 % interval of the median of the rounds. It is undecided when the interval contains the goal.
`;

/** The document with the section of one part put in or replaced; sections are in the order of their names. */
export function withSection(document: string, part: string, section: string): string {
  const sections = new Map<string, string>();
  for (const text of document.split(/^(?=## )/m).slice(1)) sections.set(nameOf(text), text.trimEnd());
  sections.set(part, section.trimEnd());
  const sorted = [...sections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return `${[HEAD.trimEnd(), ...sorted].join('\n\n')}\n`;
}

/** What one run of a part found, as Markdown. @param day UTC, e.g. `2026-11-28` */
export function sectionOf(part: string, { on, rows, goals }: PartResult, machine: Machine, day: string): string {
  const { cpu, cores, memoryGib, node } = machine;
  const figures = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== 'name');
  const lines = [
    `## ${part}`,
    '',
    `${day}, Node ${node}, ${cores} × ${cpu}, ${memoryGib} GiB. Repeat it with \`npm run bench -- ${part}\`.`,
    '',
    ...on.map((text) => `- ${text}`),
    '',
    ...table(
      ['', ...figures],
      rows.map((row) => [row.name, ...figures.map((figure) => String(row[figure] ?? ''))]),
    ),
  ];
  if (goals.length === 0) return lines.join('\n');
  const judged = goals.map((goal) => [goal.name, goal.goal, goal.got, resultOf(goal)]);
  return [...lines, '', ...table(['goal', 'wanted', 'found', 'result'], judged)].join('\n');
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)];
}

const nameOf = (section: string): string => section.slice(3, section.indexOf('\n')).trim();

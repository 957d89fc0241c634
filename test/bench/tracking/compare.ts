import type { Subject } from './subject.ts';

export interface Compared {
  name: string;
  subject: Subject;
  /** The name of the one that it is measured against; absent for a bare SDK. */
  against?: string;
}

/** µs of CPU a call, all threads of the subject's process (its garbage collector and compiler too); times in ms. */
export interface Figures {
  cpuUs: number;
  /** The median over the rounds of what a call takes more than a bare one of the same round, and where its middle half lies. */
  addedCpuUs?: number;
  addedQuarterUs?: number;
  addedThreeQuartersUs?: number;
  p50Ms: number;
  p99Ms: number;
}

const ROUNDS = 36;

/**
 * Measures all subjects, each in a process of its own, in many short rounds one after the other, so that all meet the same
 * machine. The order turns with each round.
 */
export async function compare(subjects: Compared[]): Promise<Map<string, Figures>> {
  const cpu = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  const times = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const turned = [...subjects.slice(round % subjects.length), ...subjects.slice(0, round % subjects.length)];
    for (const { name, subject } of turned) {
      const block = await subject.block();
      cpu.get(name)?.push(block.cpuUs);
      times.get(name)?.push(...block.timesMs);
    }
  }
  return new Map(
    subjects.map(({ name, against }) => [name, figures(cpu.get(name), cpu.get(against ?? ''), times.get(name))]),
  );
}

function figures(cpu: number[] = [], bare: number[] | undefined, times: number[] = []): Figures {
  const added = bare && cpu.map((value, round) => value - (bare[round] ?? Number.NaN));
  return {
    cpuUs: Math.round(quantile(cpu, 0.5)),
    ...(added && {
      addedCpuUs: Math.round(quantile(added, 0.5)),
      addedQuarterUs: Math.round(quantile(added, 0.25)),
      addedThreeQuartersUs: Math.round(quantile(added, 0.75)),
    }),
    p50Ms: Number(quantile(times, 0.5).toFixed(1)),
    p99Ms: Number(quantile(times, 0.99).toFixed(1)),
  };
}

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

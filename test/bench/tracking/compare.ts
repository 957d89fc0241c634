import { estimate, quantile } from '../method/estimate.ts';
import { inPairs, measureInRounds } from '../method/rounds.ts';
import { areDecided } from '../method/verdict.ts';
import type { Goal } from '../part.ts';
import type { Block } from './serve-blocks.ts';
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
  /** The median of what a call takes more than a bare one of the same round, and the interval of that median. */
  addedCpuUs?: number;
  addedCpuUsLow?: number;
  addedCpuUsHigh?: number;
  p50Ms: number;
  p99Ms: number;
  rounds: number;
}

/** What a subject's call takes more than that of the one it is measured against, in each round, in µs of CPU. */
export type Added = (name: string) => number[];

/** Measures the subjects, each in a process of its own, in short rounds until the goals are decided. */
export async function compare(
  subjects: Compared[],
  judge: (added: Added) => Goal[],
): Promise<{ figures: Map<string, Figures>; goals: Goal[] }> {
  const bareOf = new Map(subjects.map(({ name, against = name }) => [name, against]));
  const addedIn =
    (measured: Map<string, Block[]>): Added =>
    (name) =>
      inPairs(measured, name, bareOf.get(name) ?? name, (ours, bare) => ours.cpuUs - bare.cpuUs);
  const measured = await measureInRounds(
    new Map(subjects.map(({ name, subject }) => [name, () => subject.block()])),
    (blocks) => areDecided(judge(addedIn(blocks))),
  );
  const added = addedIn(measured);
  return {
    goals: judge(added),
    figures: new Map(
      subjects.map(({ name, against }) => [name, figures(measured.get(name) ?? [], against ? added(name) : undefined)]),
    ),
  };
}

function figures(blocks: Block[], added: number[] | undefined): Figures {
  const more = added && estimate(added);
  const times = blocks.flatMap(({ timesMs }) => timesMs);
  return {
    cpuUs: Math.round(estimate(blocks.map(({ cpuUs }) => cpuUs)).median),
    ...(more && {
      addedCpuUs: Math.round(more.median),
      addedCpuUsLow: Math.round(more.low),
      addedCpuUsHigh: Math.round(more.high),
    }),
    p50Ms: Number(quantile(times, 0.5).toFixed(1)),
    p99Ms: Number(quantile(times, 0.99).toFixed(1)),
    rounds: blocks.length,
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../../infra/cli/build.ts';
import { allOrNone } from '../../../infra/local/all-or-none.ts';
import { buildRelease } from '../../upgrade/release.ts';
import { estimate } from '../method/estimate.ts';
import { inPairs, measureInRounds } from '../method/rounds.ts';
import { areDecided, judgeClaim } from '../method/verdict.ts';
import type { Goal, PartResult } from '../part.ts';
import type { InstanceIds } from './instance-ids.ts';
import { startIngestingApp } from './releases.ts';

/** Events of each release and kind of ids in a round. */
const EVENTS = 2_000;
const looks = [12, 24, 48];
const kinds: InstanceIds[] = ['ours', 'callers'];
/** How much more CPU an event may cost than in the other release. */
const MOST = 1.05;

const nameOf = (release: string, ids: InstanceIds): string => `ingest of ${release}, ids of instances by ${ids}`;

/** The ingest of this release against that of a git ref, each as its package in a process under the local host: CPU an event. */
export const measureAgainst = (
  ref: string,
  progress: (text: string) => void,
): Promise<Pick<PartResult, 'rows' | 'goals'>> =>
  allOrNone(async (stands, close) => {
    progress(`building ${ref}`);
    const other = await buildRelease(ref, stands, new AbortController().signal);
    const ours = await mkdtemp(join(tmpdir(), 'release-'));
    stands(() => rm(ours, { recursive: true, force: true }));
    await buildApp({ outDir: ours, deployable: true });
    const subjects = new Map<string, () => Promise<number>>();
    for (const [release, directory] of [
      [ref, other],
      ['this release', ours],
    ] as const) {
      progress(`${release}: warming up`);
      const app = await startIngestingApp(directory, stands);
      for (const ids of kinds) {
        await app.ingest(5 * EVENTS, ids);
        subjects.set(nameOf(release, ids), () => app.ingest(EVENTS, ids));
      }
    }
    progress(`against ${ref}`);
    const judge = (measured: Map<string, number[]>): Goal[] =>
      kinds.map((ids) =>
        judgeClaim(
          { name: `CPU of an event against ${ref}, ids of instances by ${ids}`, unit: 'times', digits: 2, below: MOST },
          inPairs(measured, nameOf('this release', ids), nameOf(ref, ids), (now, then) => now / then),
        ),
      );
    const measured = await measureInRounds(subjects, (so) => areDecided(judge(so)), looks);
    const rows = [...measured].map(([name, taken]) => ({
      name,
      rounds: taken.length,
      cpuUsPerEvent: Math.round(estimate(taken).median),
    }));
    const goals = judge(measured);
    await close();
    return { rows, goals };
  });

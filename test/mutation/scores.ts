/** What we read of Stryker's report (https://github.com/stryker-mutator/mutation-testing-elements/tree/master/packages/report-schema). */
export interface MutationReport {
  files: Record<string, { mutants: { status: string }[] }>;
}

export interface FileScore {
  file: string;
  /** Changes that a test noticed, in percent of those that could be noticed; null when there was none. */
  score: number | null;
  noticed: number;
  /** Changes that no test noticed, those that no test reached included. */
  survived: number;
}

/** The score of each file, the lowest first. Changes that do not compile or were left out do not count. */
export function scoresOf({ files }: MutationReport): FileScore[] {
  return Object.entries(files)
    .map(([file, { mutants }]) => {
      const count = (...states: string[]) => mutants.filter(({ status }) => states.includes(status)).length;
      const noticed = count('Killed', 'Timeout');
      const survived = count('Survived', 'NoCoverage');
      const all = noticed + survived;
      return { file, score: all === 0 ? null : Math.round((noticed / all) * 1_000) / 10, noticed, survived };
    })
    .sort((a, b) => (a.score ?? 101) - (b.score ?? 101));
}

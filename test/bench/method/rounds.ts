/** After so many rounds it is looked whether the goals are decided; after the last there are no more. */
const roundLooks = [12, 24, 48, 96];

/**
 * Measures the subjects in turn, round by round, so that what else the machine does meets all of them, until `decided` or after
 * 96 rounds. The order turns with each round. `decided` is asked at most four times (see `estimate`).
 * @returns what each subject came to in each round: values of one index belong to one round
 */
export async function measureInRounds<T>(
  subjects: Map<string, () => Promise<T>>,
  decided: (measured: Map<string, T[]>) => boolean,
  looks = roundLooks,
): Promise<Map<string, T[]>> {
  const all = [...subjects];
  const measured = new Map(all.map(([name]) => [name, [] as T[]]));
  let round = 0;
  for (const look of looks) {
    for (; round < look; round += 1) {
      const first = round % all.length;
      for (const [name, measure] of [...all.slice(first), ...all.slice(0, first)])
        measured.get(name)?.push(await measure());
    }
    if (decided(measured)) break;
  }
  return measured;
}

/** Compares two subjects round by round. */
export function inPairs<T>(
  measured: Map<string, T[]>,
  a: string,
  b: string,
  compare: (a: T, b: T) => number,
): number[] {
  const others = measured.get(b) ?? [];
  return (measured.get(a) ?? []).flatMap((value, round) => {
    const other = others[round];
    return other === undefined ? [] : [compare(value, other)];
  });
}

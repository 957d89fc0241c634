/** Cuts items into runs of at most `maxItems` and `maxBytes`; an item larger than that is a run of its own. */
export function split<T>(items: readonly T[], size: (item: T) => number, maxItems: number, maxBytes: number): T[][] {
  const runs: T[][] = [];
  let run: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const more = size(item);
    if (run.length === maxItems || (run.length > 0 && bytes + more > maxBytes)) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(item);
    bytes += more;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

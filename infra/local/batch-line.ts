/**
 * The app's log line of a batch as one for people, such as `BATCH  3 events reached Pay-i, $0.021300  120 ms`; undefined
 * for any other line.
 */
export function describeBatchEnd(line: string): string | undefined {
  const [, json] = /(\{"level":"info","event":"batch-ended".*\})$/.exec(line) ?? [];
  if (json === undefined) return undefined;
  const { ingested, duplicates, putOff, deadLettered, costUsd, ms } = JSON.parse(json) as Record<string, number>;
  const parts = [
    `${ingested} event${ingested === 1 ? '' : 's'} reached Pay-i`,
    ...(costUsd ? [`$${costUsd.toFixed(6)}`] : []),
    ...(duplicates ? [`${duplicates} of them known there already`] : []),
    ...(putOff ? [`${putOff} will be tried again later`] : []),
    ...(deadLettered ? [`${deadLettered} given up: npm run dead-letters -- list`] : []),
  ];
  return `BATCH  ${parts.join(', ')}  ${ms} ms`;
}

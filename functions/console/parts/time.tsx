import { distance, localTime, utcTime } from '../format/times.ts';

/** A time in the viewer's zone; the tooltip has UTC. @param at ISO 8601 or ms */
export function Time({ at, isRelative = false }: { at: string | number; isRelative?: boolean }) {
  const ms = typeof at === 'number' ? at : Date.parse(at);
  return (
    <time dateTime={new Date(ms).toISOString()} title={isRelative ? `${localTime(ms)} · ${utcTime(ms)}` : utcTime(ms)}>
      {isRelative ? distance(ms, Date.now()) : localTime(ms)}
    </time>
  );
}

import type { Settings } from '../config/settings.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';

/** A way to hand events to Pay-i, best first. */
export type IngestMode = 'bulk-upsert' | 'bulk' | 'single';

/** Which way is used now. */
export interface IngestModes {
  current(): IngestMode;
  /** It was answered as if there were no such way. */
  isMissing(mode: IngestMode): void;
  works(mode: IngestMode): void;
}

const all: IngestMode[] = ['bulk-upsert', 'bulk', 'single'];

/** The guide knows single ingest only, so that nothing else is tried unless the setting names it. */
export const ingestModeOf = ({
  PAYI_INGEST_MODE: mode,
  PAYI_API_DIALECT: dialect,
}: Pick<Settings, 'PAYI_INGEST_MODE' | 'PAYI_API_DIALECT'>): Settings['PAYI_INGEST_MODE'] =>
  mode === 'auto' && dialect === 'guide' ? 'single' : mode;

/**
 * How long a way that seemed to be missing is left alone. A gateway in front of Pay-i that answers 404 for a while looks
 * the same as an account without the way, so it is tried again; in an account without it that costs one call each time.
 */
const REST_MS = 10 * 60_000;

/** Begins with the setting's way and steps down while one is missing; says so once for each way, not each time. */
export function createIngestModes(
  setting: Settings['PAYI_INGEST_MODE'],
  clock: Clock,
  telemetry: Telemetry,
): IngestModes {
  const ways = setting === 'auto' ? all : all.slice(all.indexOf(setting));
  const missingUntilMs = new Map<IngestMode, number>();
  const current = (): IngestMode => ways.find((way) => (missingUntilMs.get(way) ?? 0) <= clock.now()) ?? 'single';
  return {
    current,
    isMissing(mode) {
      const isNews = !missingUntilMs.has(mode);
      missingUntilMs.set(mode, clock.now() + REST_MS);
      if (!isNews) return;
      const reason = `This Pay-i account seems to have no ${mode} ingest.`;
      telemetry.warn('payi-ingest-mode', { from: mode, to: current(), reason });
    },
    works(mode) {
      if (missingUntilMs.delete(mode))
        telemetry.info('payi-ingest-mode', { to: mode, reason: `Pay-i takes ${mode} again.` });
    },
  };
}

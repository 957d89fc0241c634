import type { Caller } from '../identity/caller.ts';
import type { TrackOptions } from '../tracking/track-options.ts';

/** Whom the calls of a run count for, and what its access key allows. */
export type RunCaller = Pick<Caller, 'userId' | 'accountName'> & Pick<TrackOptions, 'key'>;

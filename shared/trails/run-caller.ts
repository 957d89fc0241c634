import type { Caller } from '../identity/caller.ts';
import type { TrackOptions } from '../tracking/track-options.ts';

/** Whom the calls of a run count for, what its access key allows, and the role of whoever gets the answer (a user's where it is absent). */
export type RunCaller = Pick<Caller, 'userId' | 'accountName'> &
  Partial<Pick<Caller, 'role'>> &
  Pick<TrackOptions, 'key'>;

import { uuidV7 } from '../../../shared/util/ids.ts';

/** Who makes the ids of instances. Those of `callers` do not say when their events were. */
export type InstanceIds = 'ours' | 'callers';

export const idOfInstance = (eventId: string, ids: InstanceIds): string =>
  ids === 'ours' ? uuidV7(Date.now()) : `run-${eventId}`;

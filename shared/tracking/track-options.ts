import type { Properties } from '../events/usage-event.ts';

/** What a scope says of the calls inside it. Absent inherits; `''`, `[]` and `{}` clear (Pay-i's own SDK's rules). */
export interface TrackOptions {
  useCaseName?: string;
  useCaseId?: string;
  useCaseVersion?: number;
  useCaseStep?: string;
  useCaseProperties?: Properties;
  requestProperties?: Properties;
  userId?: string;
  accountName?: string;
  limitIds?: string[];
}

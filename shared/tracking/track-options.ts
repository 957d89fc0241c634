import type { Properties } from '../events/usage-event.ts';
import type { KeyGrant } from '../identity/keys/key-grant.ts';

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
  /** The access key that the calls come with: limits of scope `key` count by its name, and its lists are kept to. */
  key?: Pick<KeyGrant, 'name' | 'useCases' | 'models'>;
  limitIds?: string[];
}

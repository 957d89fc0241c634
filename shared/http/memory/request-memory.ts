import { totalmem } from 'node:os';
import type { HttpRequest } from '@azure/functions';
import type { Settings } from '../../config/settings.ts';
import type { Clock } from '../../util/clock.ts';
import { MemoryBudget, type MemoryShare } from './memory-budget.ts';

/** What the requests of this process may take of its memory. */
export interface RequestMemory {
  /** Bodies, and what is made of them, until the model has answered. */
  bodies: MemoryBudget;
  /** Pictures while they are decoded. */
  pictures: MemoryBudget;
}

/** Decoding takes the threads that file and name look-ups use too, so others are left for those. */
const PICTURES_AT_ONCE = 2;
const SHARE_OF_INSTANCE = 4;
const MEGABYTE = 1_048_576;

/** The budgets of the settings, each by default a quarter of what this instance has. */
export function createRequestMemory(
  { REQUEST_MEMORY_MB, PICTURE_MEMORY_MB }: Pick<Settings, 'REQUEST_MEMORY_MB' | 'PICTURE_MEMORY_MB'>,
  clock: Clock,
): RequestMemory {
  const quarter = Math.floor(instanceBytes() / SHARE_OF_INSTANCE);
  const bytes = (megabytes: number | undefined): number => (megabytes ? megabytes * MEGABYTE : quarter);
  return {
    bodies: new MemoryBudget({ bytes: bytes(REQUEST_MEMORY_MB), clock }),
    pictures: new MemoryBudget({ bytes: bytes(PICTURE_MEMORY_MB), clock, maxShares: PICTURES_AT_ONCE }),
  };
}

/** A container may have less than its machine; 0 and huge numbers mean that it has no limit. */
const instanceBytes = (): number => Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);

/** A body without Content-Length starts with this and takes more while it arrives. */
const FIRST_BYTES = 65_536;

/** How often the bytes of a form are held at most: as they came, in the array of their part, and what is not collected yet. */
export const FORM_COPIES = 3;
/** Of JSON: as it came, as text, decoded from base64, and what is not collected yet. */
export const JSON_COPIES = 4;

/** Memory for the body of a request, and for what is made of it. */
export interface BodyMemory {
  share: MemoryShare;
  /** Takes what so many bytes of the body need, for a body that is longer than it said. @throws TrailmeterError 503 */
  grow(bytes: number): Promise<void>;
}

/**
 * Takes memory for a body before it is read.
 * @param maxBytes of the body; a larger one is refused when it is read.
 * @param copies how often its bytes are held at most: as they came, and as what they are decoded to.
 * @throws TrailmeterError 503 when there is no room for it.
 */
export async function takeForBody(
  request: HttpRequest,
  { bodies }: RequestMemory,
  maxBytes: number,
  copies: number,
): Promise<BodyMemory> {
  const declared = Number(request.headers.get('content-length') ?? FIRST_BYTES);
  const share = await bodies.take((declared >= 0 && declared <= maxBytes ? declared : FIRST_BYTES) * copies);
  return {
    share,
    async grow(bytes) {
      // Twice as much each time, so that a long body does not wait for each of its pieces.
      if (bytes * copies > share.bytes) await share.resize(Math.min(bytes * 2, maxBytes) * copies);
    },
  };
}

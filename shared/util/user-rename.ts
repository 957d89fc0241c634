/** Calls of a user that are to count for another name. */
export interface UserRename {
  userId: string;
  name: string;
  /** Only calls that began before (ms, UTC). */
  beforeMs: number;
}

/** What a queue keeps to; durations in ms. */
export interface QueueRules {
  lockDurationMs: number;
  /** A message whose delivery count reaches this goes to the dead letters; Infinity for the dead-letter queue itself. */
  maxDeliveryCount: number;
  /** The longest life of a message; Infinity when it has no end. */
  defaultTtlMs: number;
  deadLetterOnExpiry: boolean;
  /** How long a message id is remembered; undefined when duplicates are not looked for. */
  duplicateWindowMs: number | undefined;
  /** Sends are to be refused when the messages would take more than this many bytes. */
  maxBytes: number;
}

/** What a comparison could not look at. */
export interface Gaps {
  isOver: boolean;
  /** The ledger still has the day. */
  isKept: boolean;
  unknownAtPayi: number;
  /** All events outside the ledger were looked at. */
  isUnwrittenWhole: boolean;
  isProviderAsked: boolean;
  /** Why the provider gave no report. */
  failure: string | undefined;
  /** Until when the provider's report is complete; ms, UTC. */
  refreshedMs: number | undefined;
  /** Until when it should be: ms, UTC. */
  dueMs: number;
}

/** What was not compared, and why, in sentences; empty where all was. */
export function notesOf(gaps: Gaps): string[] {
  const { isOver, isKept, unknownAtPayi, isUnwrittenWhole, isProviderAsked, failure, refreshedMs, dueMs } = gaps;
  const notes: string[] = [];
  if (!isOver) notes.push('The day is not over: the books still grow while they are compared.');
  if (!isKept) notes.push('The ledger begins after the day (LEDGER_RETENTION_DAYS).');
  if (unknownAtPayi > 0)
    notes.push(
      `Pay-i's price of ${unknownAtPayi} event(s) is not known: bulk ingest does not name prices, Pay-i has no sums by model, and look-ups are bounded (--look-ups).`,
    );
  if (!isUnwrittenWhole) notes.push('More events wait outside the ledger than were looked at.');
  if (!isProviderAsked)
    notes.push(
      "The provider's own report was not compared: ANTHROPIC_ADMIN_API_KEY is not set, or Anthropic does not serve the models.",
    );
  if (failure !== undefined) notes.push(failure);
  if (refreshedMs !== undefined && refreshedMs < dueMs)
    notes.push(`The provider's report is complete until ${new Date(refreshedMs).toISOString()} only.`);
  return notes;
}

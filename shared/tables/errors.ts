import { TrailmeterError } from '../errors/trailmeter-error.ts';

/** The root of what Table Storage can answer. */
export class TableError extends TrailmeterError {}

/** An insert met a row with the same key. */
export class RowExistsError extends TableError {
  constructor(table: string, cause: unknown) {
    super('row_exists', `A row with this key is already in table ${table}. Read it, then decide.`, {
      status: 409,
      cause,
    });
  }
}

/** A conditional write met a row that was changed or deleted since it was read. */
export class RowChangedError extends TableError {
  constructor(table: string, cause?: unknown) {
    super('row_changed', `The row in table ${table} was changed by another writer. Read it again and repeat.`, {
      status: 409,
      cause,
    });
  }
}

/** How long a caller must wait where the service names no time: longer than one of its usual hiccups. */
const USUAL_WAIT_SECONDS = 2;

/** The service refused (throttled, or no connection came about): nothing was written. */
export class TableBusyError extends TableError {
  constructor(table: string, cause: unknown, retryAfterSeconds = USUAL_WAIT_SECONDS) {
    super('table_busy', 'Table Storage is busy. Try again later.', {
      status: 503,
      details: { table },
      cause,
      retryAfterSeconds,
    });
  }
}

/** No usable answer came: what was to be written may be written or not. */
export class TableUncertainError extends TableError {
  constructor(table: string, cause: unknown) {
    super('table_uncertain', `Table ${table} gave no answer. Read the row to learn whether the write happened.`, {
      status: 503,
      cause,
      retryAfterSeconds: USUAL_WAIT_SECONDS,
    });
  }
}

/** The table was deleted while the app ran. Limits must not count from 0 again in silence, so the app does not create it. */
export class TableMissingError extends TableError {
  constructor(table: string, cause: unknown) {
    super('table_missing', `Table ${table} was deleted. Restore it, or make it again with \`npm run rebuild\`.`, {
      status: 503,
      details: { table },
      cause,
    });
  }
}

/** The service said no for a reason that repeating won't change, e.g. a missing right or a wrong request. */
export class TableRefusedError extends TableError {
  constructor(table: string, cause: unknown) {
    const { statusCode, code } = answerOf(cause);
    super('table_refused', `Table ${table} refused the request (${statusCode ?? 'no status'} ${code ?? ''}).`, {
      cause,
    });
  }
}

interface Answer {
  statusCode: number | undefined;
  code: string | undefined;
  retryAfterSeconds: number | undefined;
}

const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

const tableIsGone = new Set(['TableNotFound', 'TableBeingDeleted']);

/** Whether a row is not there, in a table that is. */
export function isRowAbsent(error: unknown): boolean {
  const { statusCode, code } = answerOf(error);
  return statusCode === 404 && !tableIsGone.has(code ?? '');
}

/** An error of `@azure/data-tables` as one of our errors. */
export function toTableError(table: string, error: unknown): TableError {
  if (error instanceof TableError) return error;
  const { statusCode, code, retryAfterSeconds } = answerOf(error);
  if (code !== undefined && neverSent.has(code)) return new TableBusyError(table, error);
  if (statusCode === undefined) return new TableUncertainError(table, error);
  if (code === 'EntityAlreadyExists') return new RowExistsError(table, error);
  if (statusCode === 412 || code === 'UpdateConditionNotSatisfied') return new RowChangedError(table, error);
  if (code !== undefined && tableIsGone.has(code)) return new TableMissingError(table, error);
  if (statusCode === 404) return new RowChangedError(table, error);
  if (statusCode === 429 || statusCode === 503) return new TableBusyError(table, error, retryAfterSeconds);
  if (statusCode === 408 || statusCode >= 500) return new TableUncertainError(table, error);
  return new TableRefusedError(table, error);
}

/** The status and code, which the SDK keeps in different places for single requests and for transactions. */
export function answerOf(error: unknown): Answer {
  const rest = error as {
    statusCode?: number;
    code?: string;
    response?: { headers?: { get(name: string): string | undefined } };
    details?: { odataError?: { code?: string } };
  } | null;
  const retryAfter = Number(rest?.response?.headers?.get('retry-after'));
  return {
    statusCode: rest?.statusCode,
    code: rest?.details?.odataError?.code ?? rest?.code,
    retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
  };
}

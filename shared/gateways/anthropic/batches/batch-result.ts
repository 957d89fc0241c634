import { messagesDialect } from '../../../model/dialect.ts';
import type { RequestShape } from '../../../model/request/request-shape.ts';
import { type AnswerReading, emptyReading, otherReadings } from '../../../model/usage/answer-reading.ts';
import { emptyUsage } from '../../../model/usage/usage.ts';
import { isRecord } from '../../../util/json/record.ts';

/** What became of one request of a batch. */
export interface BatchResult {
  /** Undefined for a line that cannot be read. */
  customId: string | undefined;
  /** `idle`: it was cancelled or expired before it ran, and costs nothing. */
  outcome: 'succeeded' | 'failed' | 'idle' | 'unknown';
  status: number;
  /** What it used, first what is charged apart; empty where nothing is charged. */
  readings: AnswerReading[];
}

const dialect = messagesDialect();

/** Statuses that single requests with these errors have. */
const statuses: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  timeout_error: 504,
  overloaded_error: 529,
};

/** Reads one line of a batch's results. */
export function readBatchResult(line: string): BatchResult {
  const { custom_id, result } = parsed(line);
  const { type, message, error } = isRecord(result) ? result : {};
  const base = { customId: typeof custom_id === 'string' ? custom_id : undefined, status: 200, readings: [] };
  switch (type) {
    case 'succeeded': {
      if (!isRecord(message)) return { ...base, outcome: 'unknown' };
      const reading = atBatchPrice(dialect.readAnswer(message));
      // Providers do not charge for an error, whatever it is called.
      if (reading.failed && reading.usage.output === null)
        return { ...base, outcome: 'failed', status: statusOfError(message) };
      return { ...base, outcome: 'succeeded', readings: [...otherReadings(reading), reading] };
    }
    case 'errored':
      return { ...base, outcome: 'failed', status: statusOfError(error) };
    case 'canceled':
    case 'expired':
      return { ...base, outcome: 'idle' };
    default:
      return { ...base, outcome: 'unknown' };
  }
}

/** What a request used of which no result can be read: all that it may have answered. */
export const unknownReading = ({ maxTokens }: RequestShape): AnswerReading =>
  atBatchPrice({ ...emptyReading(), usage: { ...emptyUsage, output: maxTokens } });

/** Where an answer does not say what served it, the batch did. */
const atBatchPrice = (reading: AnswerReading): AnswerReading => ({
  ...reading,
  usage: { ...reading.usage, serviceTier: reading.usage.serviceTier ?? 'batch' },
});

/** An error of a result stands in the envelope of an error answer. */
function statusOfError(envelope: unknown): number {
  const inner = isRecord(envelope) && isRecord(envelope['error']) ? envelope['error'] : envelope;
  return statuses[isRecord(inner) ? String(inner['type']) : ''] ?? 500;
}

function parsed(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

import type { Feature } from './answers/feature.ts';
import type { BillLine } from './billing/bill.ts';

/** One call that a model served or refused. */
export interface ModelCall {
  requestId: string;
  path: string;
  /** Milliseconds since 1970, UTC. */
  at: number;
  status: number;
  model: string | undefined;
  /** The answer's id, e.g. `msg_01…`. */
  responseId: string | undefined;
  feature: Feature | undefined;
  stream: boolean;
  stopReason: string | undefined;
  /** The usage of the whole answer, also where the stream broke before it was told. */
  usage: Record<string, unknown> | undefined;
  /** What is billed for it; of a stream that broke or whose client left, for what was sent. Only of messages that were answered. */
  bill?: BillLine[];
  /** What the first event of a stream says of it. */
  begun?: BillLine;
  /** `answered`; `failed` for an error answer; `broken` where the stand-in broke off; `left` where the client did. */
  outcome: 'answered' | 'failed' | 'broken' | 'left';
  headers: Record<string, string | string[] | undefined>;
  /** The request as it came, of the latest calls: for tests, not listed over HTTP. */
  body: unknown;
}

/** A call as the inspection endpoint lists it: no prompt, no headers. */
export function listed(call: ModelCall) {
  const { body: _body, headers: _headers, ...rest } = call;
  return rest;
}

import { z } from 'zod';
import type { IngestItem } from '../ingest/ingest-item.ts';
import { type ApiErrorBody, apiError } from './api-error.ts';

const partialErrorsShape = z.strictObject({
  /** The share of items that fail, evenly spread; 1 fails all. */
  share: z.number().min(0).max(1).optional(),
  /** Places in the array. */
  indices: z.array(z.number().int().min(0)).optional(),
  /** Items whose provider response id contains one of these. */
  responseIds: z.array(z.string().min(1)).optional(),
  status: z.number().int().min(400).max(599).default(400),
  code: z.string().default('request_processing_error'),
});

/** What goes wrong, with which requests, how often. */
export const faultRuleShape = z.strictObject({
  method: z.string().optional(),
  /** Path below `/api/v1`; `*` stands for anything. Default: all. */
  path: z.string().default('*'),
  /** Lets the first so many matching requests pass. */
  skip: z.number().int().min(0).default(0),
  /** How many requests it meets; default: all. */
  times: z.number().int().min(1).optional(),
  /** How long it holds from when it was set, in ms; default: until it is cleared. */
  forMs: z.number().min(0).optional(),
  /** The share of matching requests that it meets, evenly spread. */
  share: z.number().min(0).max(1).default(1),
  /** Waits before anything else. */
  delayMs: z.number().min(0).default(0),
  /** Cuts the connection without doing the work. */
  dropBefore: z.boolean().default(false),
  /** Does the work, then cuts the connection without an answer. */
  dropAfterAccept: z.boolean().default(false),
  /** Answers with this status instead of doing the work, or after it with `afterAccept`. */
  status: z.number().int().min(200).max(599).optional(),
  afterAccept: z.boolean().default(false),
  code: z.string().default('unexpected_error'),
  /** The body that goes with `status`. */
  answer: z.enum(['api', 'problem', 'html', 'empty']).default('api'),
  /** Seconds, or an HTTP date: the header `Retry-After`. */
  retryAfter: z.union([z.number(), z.string()]).optional(),
  /** Further headers of the answer that goes with `status`. */
  headers: z.record(z.string(), z.string()).optional(),
  /** Does the work and refuses some items of a bulk ingest. */
  partialErrors: partialErrorsShape.optional(),
  /** Does the work and sends the answer's body in pieces over so many ms. */
  slowBody: z.number().min(0).optional(),
  /** Does the work and sends half of the answer's JSON. */
  badJson: z.boolean().default(false),
});
export type FaultRule = z.input<typeof faultRuleShape>;
export type Fault = z.output<typeof faultRuleShape>;

/** Which items of one bulk ingest fail, and how. */
export interface PartialErrors {
  errorAt(index: number, item: IngestItem): ApiErrorBody | undefined;
}

interface Standing {
  fault: Fault;
  matches: RegExp;
  endsAt: number;
  seen: number;
  met: number;
  requestShare: () => boolean;
  itemShare: () => boolean;
}

export class Faults {
  #standing: Standing[] = [];
  /** How many requests met a fault. */
  met = 0;

  add(rules: FaultRule[], now: number): void {
    for (const rule of rules) {
      const fault = faultRuleShape.parse(rule);
      this.#standing.push({
        fault,
        matches: new RegExp(`^${fault.path.split('*').map(escaped).join('.*')}$`),
        endsAt: now + (fault.forMs ?? Infinity),
        seen: 0,
        met: 0,
        requestShare: spread(fault.share),
        itemShare: spread(fault.partialErrors?.share ?? 0),
      });
    }
  }

  clear(): void {
    this.#standing = [];
  }

  /** The first rule that meets a request. */
  meet(method: string, path: string, now: number): Met | undefined {
    this.#standing = this.#standing.filter((one) => now < one.endsAt && one.met < (one.fault.times ?? Infinity));
    for (const one of this.#standing) {
      if (one.fault.method && one.fault.method !== method) continue;
      if (!one.matches.test(path)) continue;
      one.seen += 1;
      if (one.seen <= one.fault.skip || !one.requestShare()) continue;
      one.met += 1;
      this.met += 1;
      return { ...one.fault, itemErrors: itemErrors(one) };
    }
    return undefined;
  }
}

export type Met = Fault & { itemErrors: PartialErrors | undefined };

function itemErrors({ fault, itemShare }: Standing): PartialErrors | undefined {
  const rule = fault.partialErrors;
  if (!rule) return undefined;
  const error = apiError(rule.status, rule.code, 'A fault of the stand-in.');
  const indices = new Set(rule.indices);
  return {
    errorAt(index, item) {
      const named = rule.responseIds?.some((id) => item?.provider_response_id?.includes(id));
      return itemShare() || indices.has(index) || named ? error : undefined;
    },
  };
}

const escaped = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');

/** True for the given share of its calls, spread evenly: no dice, so that a run can be repeated. */
function spread(share: number): () => boolean {
  let due = 0;
  return () => {
    due += share;
    if (due < 1 - 1e-9) return false;
    due -= 1;
    return true;
  };
}

import { randomUUID } from 'node:crypto';
import type { UseCaseRef } from '../events/usage-event.ts';
import { refuseModels, refuseUseCase } from '../identity/keys/key-grant.ts';
import type { Fallback } from '../limits/gate/fallback.ts';
import type { Hold } from '../limits/gate/gate.ts';
import { type CallUse, noAmounts } from '../limits/policies/units.ts';
import type { Dialect } from '../model/dialect.ts';
import type { FormMembers } from '../model/request/form-members.ts';
import type { RequestShape } from '../model/request/request-shape.ts';
import { type CallReport, getContext, type TrackContext } from './context.ts';

/** Calls outside any track context that names a use case count for this one. */
const UNATTRIBUTED = 'unattributed';

/** A call that was sent and has used nothing yet. */
export const sentCall: CallUse = { ...noAmounts, requests: 1n };

/** One model call. Its hold stays over all attempts that a client makes of it. */
export interface TrackedCall {
  readonly context: TrackContext | undefined;
  readonly useCase: UseCaseRef;
  /** Of what is sent: in a cheaper form, once the call fell back. */
  shape: RequestShape;
  /** Set where the call is made in a cheaper form. */
  fallback?: Fallback;
  /** What that form changes of the request. */
  members?: FormMembers;
  hold?: Hold | undefined;
  /** Of all attempts so far. */
  use: CallUse;
  /** Settles the hold when a repetition that was expected does not come. */
  repetition?: NodeJS.Timeout | undefined;
  /** The last attempt, once its event is durable. */
  report?: CallReport;
}

/** How a request can be changed to a cheaper form. */
export interface RequestChanges {
  /** A member of the body; undefined where the request does not have it. */
  valueAt(name: string): unknown;
  /** The shape of a request for another model, as its prices go where this one is sent; undefined: that model can't be called there. */
  priced(shape: RequestShape): RequestShape | undefined;
}

/** One HTTP attempt of a call, as the client at hand makes it. */
export interface Attempt {
  dialect: Dialect;
  /** From 1. */
  number: number;
  /** Where the provider is reached, without the path. */
  providerUri: string;
  traceparent?: string | undefined;
  /** Absent: the request is sent as it is or not at all. */
  changes?: RequestChanges;
  /** @param members those that a cheaper form has in place of its own */
  send(members?: FormMembers): Promise<Response>;
  /** The caller's own wish to stop, as apart from a time-out. @param isAnswered whether an answer has begun */
  isAborted(isAnswered: boolean): boolean;
  /** ms after which the client has certainly tried again, if at all; 0: this was its last attempt. */
  repeatsWithinMs(answer: Response | undefined): number;
  /** Tokens of the prompt as the provider counts them. */
  countTokens?(members?: FormMembers): Promise<number>;
}

/** A call in the scope of the caller (`getContext`). @throws RequestError 403 when the scope's access key is not for it */
export function openCall(shape: RequestShape): TrackedCall {
  const context = getContext();
  const useCase = context?.useCase ?? { name: UNATTRIBUTED, id: randomUUID() };
  refuseUseCase(context?.key, useCase.name);
  refuseModels(context?.key, [shape.model, ...shape.others.map(({ model }) => model)]);
  return { context, useCase, shape, use: sentCall };
}

import type { AppCall } from './app-call.ts';
import type { MeantFor } from './meant-for.ts';

/** A request that was sent to the app, and what became of it. */
export interface AttackedRequest {
  /** By which the attack is found again. */
  attack: string;
  meantFor: MeantFor;
  /** The status of its answer, or why there was none. */
  outcome: number | string;
}

export interface CallsJudgement {
  /** Calls of models for requests that were meant for one, and not refused. */
  wellFormed: number;
  /** Every other call, in words. */
  faults: string[];
}

/**
 * Judges each call that the app made. It is a fault when it is made for no request, for a request that is not meant for it, or when
 * the model answered and the request was then refused all the same: that cost money for nothing. A call that the model itself
 * refused is free, and so is a count of tokens: they may belong to a refused request, but never to one without a right.
 * @param requests by the id that the app knows them by
 */
export function judgeCalls(requests: ReadonlyMap<string, AttackedRequest>, calls: readonly AppCall[]): CallsJudgement {
  const faults: string[] = [];
  let wellFormed = 0;
  for (const call of calls) {
    const fault = faultOf(call.forRequest === undefined ? undefined : requests.get(call.forRequest), call);
    if (fault !== undefined) faults.push(fault);
    else if (!isCount(call)) wellFormed++;
  }
  return { wellFormed, faults };
}

function faultOf(request: AttackedRequest | undefined, call: AppCall): string | undefined {
  const what = `${isCount(call) ? 'tokens were counted' : 'the model was called'} at ${call.path}`;
  if (!request) return `${what} for no request (${call.forRequest ?? 'unnamed'})`;
  const { attack, meantFor, outcome } = request;
  if (meantFor !== 'model' && !(meantFor === 'counter' && isCount(call)))
    return `${attack}: ${what}, for which it is not meant; answered with ${outcome}`;
  if (typeof outcome === 'number' && outcome >= 400 && call.status < 400 && !isCount(call))
    return `${attack}: ${what} and answered, and the request was refused with ${outcome}`;
  return undefined;
}

const isCount = ({ path }: AppCall): boolean => path.endsWith('/count_tokens');

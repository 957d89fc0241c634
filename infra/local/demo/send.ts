import { fromUsd } from '../../../shared/util/money.ts';
import type { Answered } from './figures.ts';
import { type DemoRequest, teamOf } from './traffic.ts';

/** What became of the requests. `refused`: a limit said no (402). `failed`: anything that should not happen. */
export interface Tally {
  sent: number;
  succeeded: number;
  refused: number;
  failed: number;
  answered: Answered[];
  refusals: Refusal[];
  /** A text for each failed request. */
  failures: string[];
}

/** A request without room in a limit: what it may cost at most, and what was left of the limit. USD. */
export interface Refusal {
  user: string;
  neededUsd: number;
  leftUsd: number;
  maxUsd: number;
}

const useCases: Record<string, string> = {
  '/api/analyze': 'trail_analysis',
  '/api/trail-finder/search': 'trail_finder',
  '/api/routes/plan': 'trail_planner',
};

/** Sends the requests, the people side by side and each person's one after the other, and counts the outcomes. */
export async function sendAll(
  url: string,
  key: string,
  requests: DemoRequest[],
  options: {
    signal: AbortSignal;
    onAnswer: (request: DemoRequest, status: number, refusal: Refusal | undefined) => void;
  },
): Promise<Tally> {
  const tally: Tally = { sent: 0, succeeded: 0, refused: 0, failed: 0, answered: [], refusals: [], failures: [] };
  const people = [...new Set(requests.map((request) => request.user))];
  const one = async (request: DemoRequest) => {
    tally.sent += 1;
    const response = await send(url, key, request, options.signal);
    const body = (await response.json()) as AnswerBody;
    const refusal = refusalOf(request, response.status, body);
    options.onAnswer(request, response.status, refusal);
    if (refusal) tally.refusals.push(refusal);
    count(tally, request, response.status, body);
  };
  await Promise.all(
    people.map(async (user) => {
      for (const request of requests.filter((each) => each.user === user)) await one(request);
    }),
  );
  return tally;
}

interface AnswerBody {
  success: boolean;
  error?: string;
  data?: { metrics?: { cost: number | null; use_case_id: string } };
  details?: { maxUsd?: number; leftUsd?: number; neededUsd?: number };
}

function refusalOf({ user }: DemoRequest, status: number, { details }: AnswerBody): Refusal | undefined {
  if (status !== 402) return undefined;
  const { neededUsd = 0, leftUsd = 0, maxUsd = 0 } = details ?? {};
  return { user, neededUsd, leftUsd, maxUsd };
}

function count(tally: Tally, request: DemoRequest, status: number, body: AnswerBody): void {
  const metrics = body.data?.metrics;
  if (status === 200 && body.success && metrics) {
    tally.succeeded += 1;
    tally.answered.push({
      useCaseName: useCases[request.path] ?? request.path,
      useCaseId: metrics.use_case_id,
      user: request.user,
      toldNanoUsd: fromUsd(metrics.cost ?? 0),
    });
  } else if (status === 402) {
    tally.refused += 1;
  } else {
    tally.failed += 1;
    tally.failures.push(`${request.path} for ${request.user}: ${status} ${body.error ?? 'without the expected data'}`);
  }
}

async function send(url: string, key: string, request: DemoRequest, signal: AbortSignal): Promise<Response> {
  const body = await request.body();
  const form = body instanceof FormData;
  const headers = {
    'x-functions-key': key,
    'x-user-id': request.user,
    'x-account-name': teamOf(request.user),
    ...(!form && { 'content-type': 'application/json' }),
  };
  return fetch(`${url}${request.path}`, { method: 'POST', headers, body: form ? body : JSON.stringify(body), signal });
}

import Anthropic from '@anthropic-ai/sdk';
import { traffic } from '../../infra/local/demo/traffic.ts';

/** What became of one call, as its caller saw it. */
export type Outcome =
  | 'answered'
  /** The caller left before the end, on purpose. */
  | 'left'
  /** A budget said no (402), on purpose. */
  | 'overBudget'
  /** Our own fault of the request (400), on purpose. */
  | 'badRequest';

export interface Caller {
  url: string;
  key: string;
  /** Between 0 and 1. */
  random: () => number;
}

const json = { 'content-type': 'application/json' };
const place = { location: 'Moab, Utah', searchRadius: 50 };
const message = {
  model: 'claude-sonnet-5-5',
  max_tokens: 300,
  messages: [{ role: 'user' as const, content: 'Which trails near Moab suit a first visit?' }],
};

function headers({ key, random }: Caller, more: Record<string, string> = {}): Record<string, string> {
  return { 'x-functions-key': key, 'x-user-id': `user-${Math.floor(random() * 50)}`, ...more };
}

async function outcomeOf(response: Response): Promise<Outcome> {
  const text = await response.text();
  if (response.status === 402) return 'overBudget';
  if (!response.ok) throw new Error(`${new URL(response.url).pathname} answered ${response.status}: ${text}`);
  return 'answered';
}

function answered(usage: Anthropic.Usage): Outcome {
  if (usage.output_tokens === 0) throw new Error('An answer of the door has no usage.');
  return 'answered';
}

async function feature(caller: Caller): Promise<Outcome> {
  const request = traffic[Math.floor(caller.random() * traffic.length)];
  if (!request) throw new Error('There is no traffic.');
  const body = await request.body();
  const form = body instanceof FormData;
  return fetch(`${caller.url}${request.path}`, {
    method: 'POST',
    headers: headers(caller, form ? {} : json),
    body: form ? body : JSON.stringify(body),
  }).then(outcomeOf);
}

const startStream = (caller: Caller, signal?: AbortSignal): Promise<Response> =>
  fetch(`${caller.url}/api/trail-finder/search`, {
    method: 'POST',
    headers: headers(caller, { ...json, accept: 'text/event-stream' }),
    body: JSON.stringify(place),
    ...(signal && { signal }),
  });

const streamedSearch = (caller: Caller): Promise<Outcome> => startStream(caller).then(outcomeOf);

async function leaveInMidStream(caller: Caller): Promise<Outcome> {
  const leaving = new AbortController();
  const response = await startStream(caller, leaving.signal);
  await response.body?.getReader().read();
  leaving.abort();
  return response.ok ? 'left' : outcomeOf(response);
}

const sdk = (caller: Caller): Anthropic =>
  new Anthropic({
    baseURL: `${caller.url}/anthropic`,
    apiKey: caller.key,
    maxRetries: 0,
    defaultHeaders: headers(caller, { 'x-use-case-name': 'trail_finder' }),
  });

async function throughTheDoor(caller: Caller): Promise<Outcome> {
  const answer = await sdk(caller).messages.create(message);
  return answered(answer.usage);
}

async function streamThroughTheDoor(caller: Caller): Promise<Outcome> {
  const answer = await sdk(caller).messages.stream(message).finalMessage();
  return answered(answer.usage);
}

const throughTheProxy = (caller: Caller): Promise<Outcome> =>
  fetch(`${caller.url}/trail-finder`, {
    method: 'POST',
    headers: headers(caller, json),
    body: JSON.stringify({ prompt: 'Find three trails near Moab, Utah.', model: message.model }),
  }).then(outcomeOf);

/** One person whose day's budget is soon used up. */
const spendthrift = (caller: Caller): Promise<Outcome> =>
  fetch(`${caller.url}/api/trail-finder/search`, {
    method: 'POST',
    headers: { ...headers(caller, json), 'x-user-id': 'spendthrift' },
    body: JSON.stringify(place),
  }).then(outcomeOf);

async function nonsense(caller: Caller): Promise<Outcome> {
  const response = await fetch(`${caller.url}/api/trail-finder/search`, {
    method: 'POST',
    headers: headers(caller, json),
    body: '{"location": 7, "searchRadius": [',
  });
  const text = await response.text();
  if (response.status !== 400) throw new Error(`Nonsense was answered with ${response.status}: ${text}`);
  return 'badRequest';
}

/** The kinds of calls, each with its share of the load. */
const kinds: [share: number, call: (caller: Caller) => Promise<Outcome>][] = [
  [0.35, feature],
  [0.15, streamedSearch],
  [0.05, leaveInMidStream],
  [0.15, throughTheDoor],
  [0.1, streamThroughTheDoor],
  [0.1, throughTheProxy],
  [0.05, spendthrift],
  [0.05, nonsense],
];

/** One call of a kind drawn by its share. @throws Error that says what went wrong that should not */
export async function anyCall(caller: Caller): Promise<Outcome> {
  return draw(caller.random())(caller).catch((error: unknown) => {
    if (error instanceof Anthropic.APIError && error.status === 402) return 'overBudget';
    throw error;
  });
}

function draw(point: number): (caller: Caller) => Promise<Outcome> {
  let upTo = 0;
  for (const [share, call] of kinds) {
    upTo += share;
    if (point < upTo) return call;
  }
  return feature;
}

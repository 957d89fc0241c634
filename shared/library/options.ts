/** A budget, counted in the memory of the process. */
export interface LimitOptions {
  /** Letters, digits and dashes. */
  name: string;
  /** Whose calls share it: all, or each use case, user or account by itself. */
  scope: 'global' | 'use_case' | 'user' | 'account';
  /** UTC. `none` never ends. */
  window: 'day' | 'month' | 'none';
  maxUsd: number;
  /** Share of the maximum, 0.75 to 0.99, from which calls get warnings. */
  threshold?: number;
  /** `block` refuses calls that may not fit; `allow` warns. */
  type: 'block' | 'allow';
  /** Only calls of these use cases count. Absent: all. */
  useCases?: string[];
}

/** Calls are metered and limited in this process, and reported to Pay-i from its memory. */
export interface DirectOptions {
  /** Key of the Pay-i application. */
  apiKey: string;
  /** Pay-i's address. Default: `https://api.pay-i.com`. */
  baseUrl?: string | undefined;
  /** For one call to Pay-i, ms. Default: 10,000. */
  timeoutMs?: number | undefined;
  /** How requests are spelled: as Pay-i's API takes them, or as its integration guide shows them. Default: `live`. */
  dialect?: 'live' | 'guide' | undefined;
  limits?: LimitOptions[] | undefined;
  /** Gets warnings and errors; never a prompt, an answer or a key. */
  log?: ((level: 'warn' | 'error', event: string, fields: Record<string, unknown>) => void) | undefined;
}

/** Calls go through the gateways of a Trailmeter app, which meters, limits and reports them. */
export interface BackendOptions {
  backend: {
    /** Its address, e.g. `https://trailmeter.example.com`. */
    url: string;
    /** An access key that may name users. */
    key: string;
  };
}

/** Options for the constructor of an Anthropic client. */
export interface AnthropicSetup {
  baseURL?: string;
  apiKey?: string;
  middleware: AnthropicMiddleware[];
}

/** A middleware of the Anthropic SDK, without its types, so that this package does not need it. */
export type AnthropicMiddleware = (request: unknown, next: unknown, context: unknown) => Promise<Response>;

/** Options for the constructor of an OpenAI client. Without retries: a retry of a refused call would be refused again. */
export interface OpenAiSetup {
  baseURL?: string;
  apiKey?: string;
  fetch: typeof fetch;
  maxRetries: 0;
}

/** Tracks the calls of the clients that are made with its options. */
export interface Instrument {
  /** `new Anthropic(instrument.anthropic())`. `category`: Pay-i's, for other clouds, such as `system.aws.bedrock`. */
  anthropic(category?: string): AnthropicSetup;
  /** `new OpenAI(instrument.openai())`. `category`: Pay-i's, default `system.openai`. */
  openai(category?: string): OpenAiSetup;
  /** Records how good an instance was. The last score of a KPI wins. @throws TrailmeterError */
  recordKpi(useCaseName: string, useCaseId: string, kpiName: string, score: number | boolean): Promise<void>;
  /** Waits until Pay-i has what calls used, at most `withinMs` (default: 10,000). @returns how many events it does not have */
  flush(withinMs?: number): Promise<number>;
  /** Before the process ends: as `flush`, and ends the work in the background. Calls after it fail. */
  close(withinMs?: number): Promise<number>;
}

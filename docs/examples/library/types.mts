// What a program that is checked by TypeScript has of the types.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import {
  type BackendOptions,
  type DirectOptions,
  getContext,
  type Instrument,
  type LimitOptions,
  payiInstrument,
  type ScopeCall,
  TrailmeterError,
  trackContext,
} from 'trailmeter-library';

const limit: LimitOptions = { name: 'daily', scope: 'user', window: 'day', maxUsd: 5, threshold: 0.8, type: 'block' };
const options: DirectOptions | BackendOptions = { apiKey: 'key', limits: [limit] };
const payi: Instrument = payiInstrument(options);
export const anthropic = new Anthropic(payi.anthropic('system.aws.bedrock'));
export const openai = new OpenAI(payi.openai());

/** A result is the type of what `work` returns. */
export const costs: bigint[] = trackContext({ useCaseName: 'tyre_advice', useCaseVersion: 2 }, ({ calls }) =>
  calls.map(({ costNanoUsd }: ScopeCall) => costNanoUsd ?? 0n),
);
export const isRefused = (error: unknown): boolean =>
  error instanceof TrailmeterError && error.code === 'limit_reached';
export const instanceId: string | undefined = getContext()?.useCase?.id;
// @ts-expect-error: a policy has no such window
export const wrong: LimitOptions = { ...limit, window: 'fortnight' };

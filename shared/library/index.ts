/**
 * The library: tracks model calls of any program for Pay-i, with limits before each call. No Azure is needed.
 */
import { createBackendInstrument } from './backend-instrument.ts';
import { createDirectInstrument } from './direct-instrument.ts';
import type { BackendOptions, DirectOptions, Instrument } from './options.ts';

export { TrailmeterError } from '../errors/trailmeter-error.ts';
export type * from './options.ts';
export { createRestClient as createPayiClient, type PayiRestClient, type RestClientOptions } from './rest-client.ts';
export {
  currentScope as getContext,
  runInScope as trackContext,
  type Scope,
  type ScopeCall,
  type ScopeOptions,
} from './scopes.ts';

/**
 * Makes what tracks the calls of Anthropic and OpenAI clients. Nothing is patched: clients that are made without its options are not
 * tracked. With `backend` a Trailmeter app meters, limits and reports the calls, else this process does.
 * @throws TrailmeterError `invalid_settings`
 */
export function payiInstrument(options: DirectOptions | BackendOptions): Instrument {
  return 'backend' in options ? createBackendInstrument(options) : createDirectInstrument(options);
}

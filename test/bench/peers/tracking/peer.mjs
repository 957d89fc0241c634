import { createRequire } from 'node:module';
import { AnthropicInstrumentation as OpenInference } from '@arizeai/openinference-instrumentation-anthropic';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { AnthropicInstrumentation as OpenLlmetry } from '@traceloop/instrumentation-anthropic';
import { callWith, compare } from '../../tracking/compare.ts';

/**
 * Child process: a peer's instrumentation against the bare SDK. Arguments: base URL, mode, peer. Spans go through the peer's own
 * processor to an exporter that drops them. The instrumented SDK is the CommonJS copy, the bare one the ESM copy of the same
 * version: the last 0.x for OpenLLMetry, which patches a class that 1.x no longer has.
 */
const [baseURL, mode, peer] = process.argv.slice(2);
const exporter = {
  export: (_spans, done) => done({ code: 0 }),
  shutdown: async () => {},
  forceFlush: async () => {},
};
const isLangfuse = peer === 'langfuse';
const version = isLangfuse ? '@anthropic-ai/sdk' : 'anthropic-sdk-0';
const sdk = createRequire(import.meta.url)(version);
const { default: Bare } = await import(version);
const processor = isLangfuse
  ? new LangfuseSpanProcessor({ exporter, publicKey: 'pk', secretKey: 'sk', baseUrl: 'http://127.0.0.1:1' })
  : new BatchSpanProcessor(exporter);
const tracerProvider = new NodeTracerProvider({ spanProcessors: [processor] });
const instrumentation = isLangfuse ? new OpenInference() : new OpenLlmetry();
instrumentation.setTracerProvider(tracerProvider);
instrumentation.manuallyInstrument(sdk);

const options = { apiKey: 'local', baseURL, openTelemetry: false };
const result = await compare(callWith(new Bare(options), mode), callWith(new sdk.Anthropic(options), mode));
console.log(JSON.stringify(result));
process.exit(0);

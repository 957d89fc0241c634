import { createRequire } from 'node:module';
import { AnthropicInstrumentation as OpenInference } from '@arizeai/openinference-instrumentation-anthropic';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { AnthropicInstrumentation as OpenLlmetry } from '@traceloop/instrumentation-anthropic';
import { callWith, serveBlocks } from '../../tracking/serve-blocks.ts';

/**
 * Child process: a peer's instrumentation, or the SDK of its version without it. Arguments: base URL, mode, peer (`langfuse`,
 * `openllmetry`, `bare`), where spans go. The provider is registered, as the peers' own start-up does it; spans leave in batches by
 * the peer's own processor, in the background. The last SDK 0.x for OpenLLMetry, which patches a class that 1.x no longer has.
 */
const [baseURL, mode, peer, sink] = process.argv.slice(2);
const isLangfuse = peer === 'langfuse';
const sdk = createRequire(import.meta.url)(isLangfuse ? '@anthropic-ai/sdk' : 'anthropic-sdk-0');
let flush;
if (peer !== 'bare') {
  const processor = isLangfuse
    ? new LangfuseSpanProcessor({ publicKey: 'pk', secretKey: 'sk', baseUrl: sink })
    : new BatchSpanProcessor(new OTLPTraceExporter({ url: `${sink}/v1/traces` }));
  const tracerProvider = new NodeTracerProvider({ spanProcessors: [processor] });
  tracerProvider.register();
  const instrumentation = isLangfuse ? new OpenInference() : new OpenLlmetry();
  instrumentation.setTracerProvider(tracerProvider);
  instrumentation.manuallyInstrument(sdk);
  flush = () => processor.forceFlush();
}
await serveBlocks(callWith(new sdk.Anthropic({ apiKey: 'local', baseURL, openTelemetry: false }), mode), flush);

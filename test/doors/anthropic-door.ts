import { type ModelStandIn, startModel } from '../../infra/local/model/server.ts';
import { systemClock } from '../../shared/clock.ts';
import { anthropicFailure } from '../../shared/doors/anthropic/errors.ts';
import { passMessage, passTokenCount } from '../../shared/doors/anthropic/messages.ts';
import { door } from '../../shared/doors/door.ts';
import { createMeter } from '../../shared/tracking/meter.ts';
import { recording } from '../tracking/recording.ts';
import { doorSettings, serve } from './serve.ts';

/** The Anthropic door before a model stand-in that wants the provider's key. */
export interface AnthropicDoor {
  url: string;
  model: ModelStandIn;
  /** What was held, published and settled since `reset`. */
  record: ReturnType<typeof recording>;
  settings: ReturnType<typeof doorSettings>;
  reset(): void;
  close(): Promise<void>;
}

export async function startAnthropicDoor(): Promise<AnthropicDoor> {
  const model = await startModel({ apiKey: 'provider-secret' });
  const services = () => ({
    settings: opened.settings,
    telemetry: opened.record.telemetry,
    meter: createMeter({ ...opened.record, clock: systemClock }),
  });
  const rules = { services, failure: anthropicFailure };
  const server = await serve([
    { method: 'POST', path: /^\/anthropic\/v1\/messages$/, handler: door(rules, passMessage) },
    { method: 'POST', path: /^\/anthropic\/v1\/messages\/count_tokens$/, handler: door(rules, passTokenCount) },
  ]);
  const opened: AnthropicDoor = {
    url: server.url,
    model,
    record: recording(),
    settings: doorSettings({ ANTHROPIC_BASE_URL: model.url }),
    reset() {
      model.reset();
      opened.record = recording();
      opened.settings = doorSettings({ ANTHROPIC_BASE_URL: model.url });
    },
    async close() {
      await server.close();
      await model.close();
    },
  };
  return opened;
}

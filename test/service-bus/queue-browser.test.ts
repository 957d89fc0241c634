import { ServiceBusClient } from '@azure/service-bus';
import { expect, test } from 'vitest';
import { startBroker } from '../../infra/local/servicebus/src/broker.ts';
import { openQueueBrowser } from '../../shared/service-bus/queue-browser.ts';

test('a queue that cannot be looked into is unavailable, not our error', async () => {
  const broker = await startBroker({ port: 0, config: { queues: [{ name: 'q' }] } });
  await broker.close();
  const view = openQueueBrowser(() => new ServiceBusClient(broker.connectionString), 'q');
  for (const look of [view.messages(), view.peekDeadLetters()]) {
    const found = (async () => {
      for await (const _ of look);
    })();
    await expect(found).rejects.toMatchObject({ code: 'queue_unavailable', status: 503 });
  }
  await expect(view.takeDeadLetters(async () => undefined)).rejects.toMatchObject({ code: 'queue_unavailable' });
});

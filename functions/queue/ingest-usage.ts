import { app } from '@azure/functions';
import { receivedBatch } from '../../shared/service-bus/received-batch.ts';
import { services } from '../services/services.ts';

app.serviceBusQueue('ingest-usage', {
  connection: 'ServiceBusConnection',
  queueName: '%USAGE_QUEUE%',
  cardinality: 'many',
  handler: async (messages, context) => {
    await services().delivery.ingest(receivedBatch(messages, context.triggerMetadata));
  },
});

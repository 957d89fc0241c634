import { decodeSettings } from '../../shared/config/decode.ts';
import { FORM_COPIES, JSON_COPIES } from '../../shared/http/memory/request-memory.ts';
import { parameter, startSettings } from './app-settings.ts';
import type { Built } from './template.ts';

/** What host.json says of the queues. */
export interface QueueBatches {
  maxMessageBatchSize: number;
  maxConcurrentCalls: number;
}

const MEGABYTE = 1_048_576;
/** A text or JSON body of this size needs no share of a budget (`shared/http/decode-route.ts`). */
const SMALL_BODY_MB = 1;
/** A message of the queues, at its largest on Service Bus Standard. */
const MESSAGE_MB = 0.25;
/** The app before its first request (106 MB in docs/benchmarks.md) and the Functions host. */
const AT_REST_MB = 192;
/** What an ordinary photo of 12 megapixels takes by docs/benchmarks.md. */
const PHOTO_MB = 67;

/**
 * Whether what an instance does at once fits in its memory. Half of it is for the host, the app and small requests, a quarter each for
 * large bodies and for pictures. Requests, batches and the judge's jobs have instances of their own on Flex Consumption.
 */
export function concurrencyProblems(built: Built, queues: QueueBatches): string[] {
  const memoryMb = Number(parameter(built, 'instanceMemoryMB'));
  const requests = Number(parameter(built, 'httpConcurrency'));
  const settings = decodeSettings(startSettings(built));
  const { REQUEST_MEMORY_MB: bodiesMb = 0, PICTURE_MEMORY_MB: picturesMb = 0 } = settings;
  const copies = Math.max(FORM_COPIES, JSON_COPIES);
  const largestMb = (settings.MAX_REQUEST_BYTES * copies) / MEGABYTE;
  const halfMb = memoryMb / 2;
  const smallMb = AT_REST_MB + requests * SMALL_BODY_MB * JSON_COPIES;
  const batchMb = AT_REST_MB + queues.maxMessageBatchSize * MESSAGE_MB * JSON_COPIES;
  const jobsMb = AT_REST_MB + queues.maxConcurrentCalls * MESSAGE_MB * JSON_COPIES;
  return [
    bodiesMb + picturesMb > halfMb && `bodies and pictures may take ${bodiesMb + picturesMb} MB of ${memoryMb}`,
    largestMb > bodiesMb && `the largest request takes ${Math.ceil(largestMb)} MB, bodies have ${bodiesMb}`,
    PHOTO_MB > picturesMb && `a photo takes ${PHOTO_MB} MB, pictures have ${picturesMb}`,
    smallMb > halfMb && `${requests} requests at once take ${smallMb} MB, half of the instance is ${halfMb}`,
    batchMb > memoryMb && `a batch takes ${batchMb} MB of ${memoryMb}`,
    jobsMb > memoryMb && `${queues.maxConcurrentCalls} jobs of the judge take ${jobsMb} MB of ${memoryMb}`,
    queues.maxMessageBatchSize !== settings.PAYI_BATCH_ITEMS &&
      `a batch has ${queues.maxMessageBatchSize} messages, PAYI_BATCH_ITEMS is ${settings.PAYI_BATCH_ITEMS}`,
  ].filter((problem) => problem !== false);
}

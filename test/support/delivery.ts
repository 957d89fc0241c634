import { createDelivery, type Delivery, type DeliveryOptions } from '../../functions/services/delivery.ts';
import { createPublishing, type PublishingOptions } from '../../functions/services/publishing.ts';

/** Publishing and ingest without limits, unless the test brings some. */
export function startDelivery(
  options: Omit<DeliveryOptions, 'publishing' | 'limits' | 'keyedRuns' | 'rateLimits'> &
    PublishingOptions &
    Partial<DeliveryOptions['limits']>,
): Delivery {
  const { ensureLimits = async () => undefined, refreshLimits = () => undefined } = options;
  return createDelivery({
    ...options,
    publishing: createPublishing(options),
    limits: { ensureLimits, refreshLimits, prune: async () => 0 },
    keyedRuns: { prune: async () => 0 },
    rateLimits: { prune: async () => 0 },
  });
}

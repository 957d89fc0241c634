import type { Surcharge } from '../../pricing/price-row.ts';
import type { RequestShape } from '../request/request-shape.ts';

/**
 * What the endpoint of a call adds to the list prices: one that keeps to a region, a zone or a government's cloud costs more than a
 * global one. What cannot be told from the address and the names of the models counts as regional.
 * @param category Pay-i's
 */
export function endpointSurcharge(
  category: string,
  { hostname, pathname }: Pick<URL, 'hostname' | 'pathname'>,
  { model, others }: Pick<RequestShape, 'model' | 'others'>,
): Surcharge | undefined {
  switch (category) {
    case 'system.aws.bedrock':
      return bedrockSurcharge(hostname, [model, ...others.map((other) => other.model)]);
    case 'system.google.vertex':
      return isGlobalVertex(hostname, pathname) ? undefined : 'regional';
    case 'system.openai':
      return /^[a-z]{2,4}\.api\.openai\.com$/.test(hostname) ? 'regional' : undefined;
    default:
      return undefined;
  }
}

/** Amazon's names of models say which inference profile serves a call; one without a profile is served in the region of the address. */
function bedrockSurcharge(hostname: string, models: readonly string[]): Surcharge | undefined {
  if (hostname.includes('us-gov-') || models.some((model) => profileOf(model) === 'us-gov')) return 'gov';
  return models.every((model) => profileOf(model) === 'global') ? undefined : 'regional';
}

const profileOf = (model: string): string | undefined => /^(?:.*\/)?([a-z-]+)\.anthropic\./i.exec(model)?.[1];

/** Google's own client names a location in the host alone, and the global one not at all. */
function isGlobalVertex(hostname: string, pathname: string): boolean {
  const location = /\/locations\/([^/]+)/.exec(pathname)?.[1];
  return location === undefined ? hostname === 'aiplatform.googleapis.com' : location === 'global';
}

import { z } from 'zod';
import { allPages } from './transport/paging.ts';
import { path, type Transport } from './transport/transport.ts';

/** A price version of a model. Prices are USD for a single unit. */
const resourceSchema = z.looseObject({
  category: z.string().nullish(),
  resource: z.string(),
  resource_id: z.string().nullish(),
  active: z.boolean().nullish(),
  start_timestamp: z.string().nullish(),
  large_context_threshold: z.number().nullish(),
  units: z
    .record(z.string(), z.looseObject({ input_price: z.number().nullish(), output_price: z.number().nullish() }))
    .nullish(),
});
export type Resource = z.infer<typeof resourceSchema>;

/** All reject with PayiError. */
export interface Categories {
  list(): AsyncIterable<{ category: string }>;
  /** The models of a category. */
  resources(category: string): AsyncIterable<Resource>;
  /** The price versions of a model. */
  versions(category: string, resource: string): AsyncIterable<Resource>;
}

export function createCategoriesClient(transport: Transport): Categories {
  const list = <T extends z.ZodType>(of: string, item: T) => allPages(transport, { method: 'GET', path: of }, item);
  return {
    list: () => list('/categories', z.looseObject({ category: z.string() })),
    resources: (category) => list(path`/categories/${category}/resources`, resourceSchema),
    versions: (category, resource) => list(path`/categories/${category}/resources/${resource}`, resourceSchema),
  };
}

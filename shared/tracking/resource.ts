import { pricedModel } from '../pricing/price-book.ts';

/** Pay-i's resource for a model id: the name that the price book has for it, else the id as it is. */
export const resourceOf = (model: string): string => pricedModel(model) ?? (model || 'unknown');

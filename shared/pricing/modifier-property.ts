import type { Properties } from '../events/usage-event.ts';
import { type Modifier, modifierNames } from './price-row.ts';

/** The request property by which an event says what changed its price: `fast`, `us`, …, comma-separated. */
const PRICE_MODIFIERS = 'price_modifiers';

/** Properties with the modifiers of a call in place of any that a caller wrote there. */
export function withModifiers(properties: Properties, modifiers: readonly Modifier[]): Properties {
  if (modifiers.length > 0) return { ...properties, [PRICE_MODIFIERS]: modifiers.join(',') };
  if (properties[PRICE_MODIFIERS] === undefined) return properties;
  const { [PRICE_MODIFIERS]: _, ...others } = properties;
  return others;
}

export function modifiersIn(properties: Properties): Modifier[] {
  const named = properties[PRICE_MODIFIERS]?.split(',') ?? [];
  return modifierNames.filter((name) => named.includes(name));
}

import type { Properties } from '../events/usage-event.ts';
import { cutText, normalizeText } from '../util/text.ts';
import type { Vehicle } from './vehicle.ts';

const MAX_VALUE = 100;

/** Short one-line values; those that are absent are left out. Callers pass no other words of users than names of places and vehicles. */
export function properties(values: Record<string, string | number | boolean | undefined>): Properties {
  const entries = Object.entries(values).flatMap(([name, value]) => {
    const line = value === undefined ? '' : cutText(normalizeText(String(value)).replace(/\s+/g, ' '), MAX_VALUE);
    return line === '' ? [] : [[name, line] as const];
  });
  return Object.fromEntries(entries);
}

export const vehicleProperties = (vehicle: Vehicle | undefined) => ({
  vehicle_make: vehicle?.make,
  vehicle_model: vehicle?.model,
});

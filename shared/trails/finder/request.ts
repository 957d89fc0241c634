import { z } from 'zod';
import { notFound } from '../../errors/request-errors.ts';
import { decodeRequest, optional, optionalTextOf, shortText } from '../../http/validate.ts';
import { vehicleSchema } from '../vehicle.ts';

export const sceneries = [
  ...['desert', 'forest', 'mountain', 'coastal', 'canyon', 'prairie', 'alpine', 'wetland'],
] as const;

const searchSchema = z.strictObject({
  location: shortText(200),
  vehicleId: optionalTextOf(64),
  vehicleInfo: optional(vehicleSchema),
  /** Miles. */
  searchRadius: z
    .number()
    .min(1)
    .max(500)
    .nullish()
    .transform((radius) => radius ?? 50),
  difficultyPref: optional(z.enum(['easy', 'moderate', 'difficult', 'any'])),
  tripLength: optional(z.enum(['day-trip', 'weekend', 'multi-day'])),
  sceneryTypes: optional(z.array(z.enum(sceneries)).max(16)),
});
export type TrailSearch = Omit<z.output<typeof searchSchema>, 'vehicleId'>;

/**
 * The body of `POST /api/trail-finder/search`.
 * @throws RequestError 400 naming the field; 404 for a saved vehicle, since none are kept here.
 */
export function readTrailSearch(body: unknown): TrailSearch {
  const { vehicleId, ...search } = decodeRequest(searchSchema, body, {
    required: { location: 'Location is required' },
  });
  requireOwnVehicle(vehicleId, search.vehicleInfo);
  return search;
}

/** A caller that names a saved vehicle must say what it is: silently searching without it would be unsafe advice. */
export function requireOwnVehicle(vehicleId: string | undefined, vehicle: unknown): void {
  if (vehicleId !== undefined && vehicle === undefined) throw notFound('Vehicle');
}

import { z } from 'zod';
import { notFound } from '../../errors/request-errors.ts';
import { optional, optionalTextOf, shortText } from '../../http/validate.ts';
import { vehicleSchema } from '../vehicle.ts';

export const sceneries = [
  ...['desert', 'forest', 'mountain', 'coastal', 'canyon', 'prairie', 'alpine', 'wetland'],
] as const;

/** The body of `POST /api/trail-finder/search`. */
export const searchSchema = z.strictObject({
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

/** The front-end's own texts for members that are missing. */
export const searchTexts = { location: 'Location is required' };

/**
 * A request without the id of its vehicle. A caller that names a saved vehicle must say what it is: searching without it would be
 * unsafe advice.
 * @throws RequestError 404 for a saved vehicle, since none are kept here
 */
export function withOwnVehicle<T extends { vehicleId?: string | undefined; vehicleInfo?: unknown }>(
  request: T,
): Omit<T, 'vehicleId'> {
  const { vehicleId, ...rest } = request;
  if (vehicleId !== undefined && rest.vehicleInfo === undefined) throw notFound('Vehicle');
  return rest;
}

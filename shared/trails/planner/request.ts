import { z } from 'zod';
import { optional, optionalTextOf, shortText } from '../../http/validate.ts';
import { vehicleSchema } from '../vehicle.ts';

const wishes = () => optional(z.array(shortText(100)).max(20));

/** The body of `POST /api/routes/plan`. */
export const planSchema = z.strictObject({
  startLocation: shortText(200),
  endLocation: shortText(200),
  durationDays: z.number().int().min(1).max(30),
  vehicleId: optionalTextOf(64),
  vehicleInfo: optional(vehicleSchema),
  experienceLevel: optional(z.enum(['beginner', 'intermediate', 'expert'])),
  preferences: wishes(),
  mustVisit: wishes(),
});
export type PlanRequest = Omit<z.output<typeof planSchema>, 'vehicleId'>;

/** The front-end's own texts for members that are missing. */
export const planTexts = { startLocation: 'Start location is required', endLocation: 'End location is required' };

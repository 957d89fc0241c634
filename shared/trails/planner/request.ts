import { z } from 'zod';
import { decodeRequest, optional, optionalTextOf, shortText } from '../../http/validate.ts';
import { requireOwnVehicle } from '../finder/request.ts';
import { vehicleSchema } from '../vehicle.ts';

const wishes = () => optional(z.array(shortText(100)).max(20));

const planSchema = z.strictObject({
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

/**
 * The body of `POST /api/routes/plan`.
 * @throws RequestError 400 naming the field; 404 for a saved vehicle, since none are kept here.
 */
export function readPlanRequest(body: unknown): PlanRequest {
  const required = { startLocation: 'Start location is required', endLocation: 'End location is required' };
  const { vehicleId, ...plan } = decodeRequest(planSchema, body, { required });
  requireOwnVehicle(vehicleId, plan.vehicleInfo);
  return plan;
}

import { z } from 'zod';
import { optional, optionalTextOf, shortText } from '../http/validate.ts';

export const suspensionBrands = [
  ...['stock', 'icon', 'fox', 'king', 'bilstein', 'ome', 'dobinsons', 'eibach'],
  ...['camburg', 'camburg-king', 'camburg-fox', 'camburg-complete'],
  ...['dirt-king', 'dirt-king-king', 'dirt-king-fox', 'total-chaos', 'total-chaos-king', 'total-chaos-fox'],
  ...['rclt', 'rclt-king', 'rclt-fox', 'kibbetech', 'kibbetech-king', 'kibbetech-fox'],
  ...['baja-kits', 'baja-kits-king', 'baja-kits-fox', 'deaver', 'deaver-king', 'deaver-fox', 'other'],
] as const;

export const suspensionTravels = ['stock', 'oem-plus', 'mid-travel', 'long-travel', 'race-long-travel'] as const;

/** Points of each feature in the capability score, in tenths. */
const featurePoints = {
  'locking-differentials': 5,
  'lift-kit': 3,
  'mud-terrain-tires': 3,
  'front-locker': 3,
  'rear-locker': 3,
  winch: 3,
  'upgraded-suspension': 3,
  'all-terrain-tires': 2,
  'limited-slip-diff': 2,
  'skid-plates': 2,
  'rock-sliders': 2,
  'recovery-boards': 2,
  'air-compressor': 2,
  snorkel: 2,
  'steel-bumpers': 2,
  'roof-rack': 1,
  'light-bar': 1,
} as const;
export const vehicleFeatures = Object.keys(featurePoints) as (keyof typeof featurePoints)[];

const travelPoints = { stock: 0, 'oem-plus': 5, 'mid-travel': 10, 'long-travel': 15, 'race-long-travel': 20 } as const;

/** Brands whose shocks raise the score: those that it counted from the beginning, so that scores stay comparable. */
const performanceBrands = new Set<string>([
  ...['king', 'fox', 'icon'],
  ...['camburg', 'total-chaos', 'dirt-king', 'kibbetech', 'baja-kits'].flatMap((kit) => [`${kit}-king`, `${kit}-fox`]),
]);

/** The browser's `VehicleInfo`; it sends null for what it doesn't know. */
export const vehicleSchema = z.strictObject({
  id: optionalTextOf(64),
  make: shortText(60),
  model: shortText(60),
  year: optional(z.number().int().min(1900).max(2100)),
  features: z
    .array(z.enum(vehicleFeatures))
    .max(64)
    .nullish()
    .transform((features) => [...new Set(features ?? [])]),
  suspensionBrand: optional(z.enum(suspensionBrands)),
  suspensionTravel: optional(z.enum(suspensionTravels)),
});
export type Vehicle = z.output<typeof vehicleSchema>;

/** What a vehicle is up to, 1 to 5 with one decimal; 2 where none is given. A feature counts once. */
export function capabilityScore(vehicle: Vehicle | undefined): number {
  if (!vehicle) return 2;
  const travel = travelPoints[vehicle.suspensionTravel ?? 'stock'];
  const brand = performanceBrands.has(vehicle.suspensionBrand ?? 'stock') ? 5 : 0;
  const features = [...new Set(vehicle.features)].reduce((sum, feature) => sum + featurePoints[feature], 0);
  return Math.min(50, 10 + travel + brand + features) / 10;
}

/** A vehicle as the prompts show it. */
export const describeVehicle = ({ id: _id, suspensionBrand, suspensionTravel, ...rest }: Vehicle) => ({
  ...rest,
  ...(suspensionBrand && suspensionBrand !== 'stock' && { suspensionBrand }),
  suspensionTravel: suspensionTravel ?? 'stock',
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  capabilityScore,
  suspensionBrands,
  suspensionTravels,
  type Vehicle,
  vehicleFeatures,
  vehicleSchema,
} from '../../shared/trails/vehicle.ts';

const vehicle = (more: Record<string, unknown>): Vehicle =>
  vehicleSchema.parse({ make: 'Toyota', model: 'Tacoma', ...more });

test.each([
  ['no features', {}, 1],
  [
    'mid travel, icon, five features',
    {
      suspensionTravel: 'mid-travel',
      suspensionBrand: 'icon',
      features: ['lift-kit', 'all-terrain-tires', 'rear-locker', 'skid-plates', 'recovery-boards'],
    },
    3.7,
  ],
  [
    'light changes',
    {
      suspensionTravel: 'oem-plus',
      suspensionBrand: 'ome',
      features: ['lift-kit', 'all-terrain-tires', 'rock-sliders'],
    },
    2.2,
  ],
  ['all features', { features: vehicleFeatures }, 5],
  ['everything', { features: vehicleFeatures, suspensionBrand: 'king', suspensionTravel: 'race-long-travel' }, 5],
  ['a feature named twice counts once', { features: ['winch', 'winch'] }, 1.3],
  ['null is absent', { features: null, suspensionBrand: null, suspensionTravel: null }, 1],
])('%s', (_name, given, expected) => {
  expect(capabilityScore(vehicle(given))).toBe(expected);
});

test('no vehicle counts as a stock one with four-wheel drive', () => {
  expect(capabilityScore(undefined)).toBe(2);
});

test('there are 31 brands and 17 features', () => {
  expect([suspensionBrands.length, vehicleFeatures.length]).toEqual([31, 17]);
});

test('the score lies between 1 and 5, has one decimal, and never falls with another feature', () => {
  fc.assert(
    fc.property(
      fc.subarray(vehicleFeatures),
      fc.constantFrom(...vehicleFeatures),
      fc.constantFrom(...suspensionBrands),
      fc.constantFrom(...suspensionTravels),
      (features, one, suspensionBrand, suspensionTravel) => {
        const before = capabilityScore(vehicle({ features, suspensionBrand, suspensionTravel }));
        const after = capabilityScore(vehicle({ features: [...features, one], suspensionBrand, suspensionTravel }));
        expect(after).toBeGreaterThanOrEqual(before);
        expect(before).toBeGreaterThanOrEqual(1);
        expect(after).toBeLessThanOrEqual(5);
        expect(Math.round(after * 10) / 10).toBe(after);
      },
    ),
  );
});

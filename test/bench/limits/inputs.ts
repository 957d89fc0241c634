import sharp from 'sharp';
import { createRequestMemory } from '../../../shared/http/memory/request-memory.ts';
import { photosOf } from '../../../shared/trails/analysis/images/photos.ts';
import { visionModel } from '../../../shared/trails/analysis/models.ts';
import type { AnalysisRequest } from '../../../shared/trails/analysis/request.ts';
import { sceneries, searchSchema, type TrailSearch } from '../../../shared/trails/finder/request.ts';
import type { JudgedAnswer } from '../../../shared/trails/judge/prompt.ts';
import { judgeSchema } from '../../../shared/trails/judge/request.ts';
import { type PlanRequest, planSchema } from '../../../shared/trails/planner/request.ts';
import { type Vehicle, vehicleFeatures, vehicleSchema } from '../../../shared/trails/vehicle.ts';
import { systemClock } from '../../../shared/util/clock.ts';

/** Requests of users as they come: from a place name alone to eight photos, a vehicle in all detail and long notes. */
const places = ['Moab, Utah', 'Ouray, Colorado', 'Big Bear Lake, California', 'Rubicon Springs', 'Sedona'];
const words = 'rocky ledges after rain with a steep washed out climb and no cell signal beyond the second creek'.split(
  ' ',
);

export type Random = () => number;
const below = (random: Random, end: number): number => Math.floor(random() * end);
const oneOf = <T>(random: Random, all: readonly T[]): T => all[below(random, all.length)] as T;
const text = (random: Random, count: number): string =>
  Array.from({ length: count }, () => oneOf(random, words)).join(' ');

const vehicleOf = (random: Random): Vehicle | undefined =>
  random() < 0.3
    ? undefined
    : vehicleSchema.parse({
        make: 'Toyota',
        model: 'Tacoma',
        year: 2016 + below(random, 10),
        features: vehicleFeatures.filter(() => random() < 0.4),
        suspensionTravel: 'mid-travel',
      });

const { pictures } = createRequestMemory({ REQUEST_MEMORY_MB: undefined, PICTURE_MEMORY_MB: undefined }, systemClock);

async function photo(random: Random): Promise<Uint8Array> {
  const width = 400 + below(random, 2_400);
  const height = Math.round(width * (0.6 + 0.8 * random()));
  const image = sharp({ create: { width, height, channels: 3, background: { r: 90, g: 110, b: 70 } } });
  return new Uint8Array(await image.jpeg({ quality: 70 }).toBuffer());
}

export async function analysisRequest(random: Random): Promise<AnalysisRequest> {
  const photos: Uint8Array[] = [];
  for (let count = 1 + below(random, random() < 0.8 ? 3 : 8); count > 0; count--) photos.push(await photo(random));
  const requestedModel = 'claude-sonnet-5-5';
  const described = random() < 0.6;
  return {
    release: () => undefined,
    photos: await photosOf(
      photos.map((bytes) => ({ bytes, declaredType: 'image/jpeg' })),
      pictures,
    ),
    requestedModel,
    model: visionModel(requestedModel, {}),
    vehicleInfo: vehicleOf(random),
    context: described
      ? {
          trailName: text(random, 3),
          trailLocation: oneOf(random, places),
          additionalNotes: text(random, below(random, 400)),
        }
      : undefined,
  };
}

export const trailSearch = (random: Random): TrailSearch =>
  searchSchema.parse({
    location: oneOf(random, places),
    searchRadius: 10 + below(random, 200),
    vehicleInfo: vehicleOf(random),
    difficultyPref: oneOf(random, ['easy', 'moderate', 'difficult', 'any']),
    sceneryTypes: sceneries.filter(() => random() < 0.3),
  });

export const planRequest = (random: Random): PlanRequest =>
  planSchema.parse({
    startLocation: oneOf(random, places),
    endLocation: oneOf(random, places),
    durationDays: 1 + below(random, random() < 0.8 ? 5 : 14),
    vehicleInfo: vehicleOf(random),
    mustVisit: Array.from({ length: below(random, 6) }, () => text(random, 4)),
  });

export function judgedAnswer(random: Random): JudgedAnswer {
  const { useCase, ...rest } = judgeSchema.parse({
    useCase: oneOf(random, ['trail_analysis', 'trail_finder', 'trail_planner']),
    question: { location: oneOf(random, places), notes: text(random, below(random, 100)) },
    answer: text(random, 100 + below(random, 2_000)),
    sources: Array.from({ length: below(random, 20) }, (_, turn) => `https://trails.example.com/${turn}`),
  });
  return { useCaseName: useCase, ...rest };
}

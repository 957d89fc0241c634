import { readFile } from 'node:fs/promises';

/** One request of a person, as the front-end sends it. */
export interface DemoRequest {
  user: string;
  path: string;
  /** A JSON body, or a form for the multipart route. Made for each send. */
  body: () => Promise<FormData | object>;
}

/** The team that a person's calls count for. */
export const teamOf = (user: string): string => (user === 'lee' ? 'Partners' : 'Field Guides');

const fixtures = new URL('../../../test/fixtures/', import.meta.url);
const FRONT_END_MODEL = 'claude-sonnet-4-20250514';

const tacoma = {
  make: 'Toyota',
  model: 'Tacoma',
  year: 2022,
  features: ['lift-kit', 'all-terrain-tires', 'rear-locker', 'skid-plates', 'recovery-boards'],
  suspensionBrand: 'icon',
  suspensionTravel: 'mid-travel',
};

const wrangler = {
  id: 'cmk3x9q0v0001',
  make: 'Jeep',
  model: 'Wrangler JL',
  year: 2021,
  features: ['winch', 'front-locker', 'rear-locker', 'mud-terrain-tires'],
  suspensionBrand: null,
  suspensionTravel: 'oem-plus',
};

/** Several people's day. The last person asks until the daily budget of a user is used up. */
export const traffic: DemoRequest[] = [
  analysis('sam', ['trail.jpg', 'trail.webp'], wrangler, { trailName: "Hell's Revenge", trailLocation: 'Moab, UT' }),
  search('sam', {
    location: 'Moab, Utah',
    searchRadius: 50,
    difficultyPref: 'moderate',
    tripLength: 'weekend',
    sceneryTypes: ['desert', 'canyon'],
    vehicleInfo: tacoma,
  }),
  search('alex', { location: 'Death Valley, CA', searchRadius: 50 }),
  analysis('alex', ['trail.png'], undefined, { trailName: 'Titus Canyon', trailLocation: 'Death Valley, CA' }),
  plan('alex', {
    startLocation: 'Barstow, CA',
    endLocation: 'Needles, CA',
    durationDays: 3,
    experienceLevel: 'intermediate',
    preferences: ['camping', 'historic sites'],
    vehicleInfo: { make: 'Toyota', model: '4Runner', year: 2020, features: ['all-terrain-tires', 'recovery-boards'] },
  }),
  analysis('kim', ['trail.jpg'], tacoma, {
    trailName: 'Rubicon Trail',
    trailLocation: 'Lake Tahoe, CA',
    additionalNotes: 'Is the water crossing passable in spring?',
  }),
  search('kim', {
    location: 'Lake Tahoe, CA',
    searchRadius: 80,
    difficultyPref: 'difficult',
    sceneryTypes: ['alpine', 'forest'],
  }),
  search('sam', { location: 'Sedona, Arizona', searchRadius: 30, difficultyPref: 'easy', tripLength: 'day-trip' }),
  analysis('kim', ['trail.png', 'trail.webp'], undefined, undefined),
  ...Array.from({ length: 8 }, () =>
    search('lee', { location: 'Moab, Utah', searchRadius: 100, vehicleInfo: wrangler }),
  ),
];

function analysis(
  user: string,
  images: string[],
  vehicle: object | undefined,
  context: object | undefined,
): DemoRequest {
  const body = async () => {
    const form = new FormData();
    for (const image of images) {
      const type = `image/${image.split('.')[1]?.replace('jpg', 'jpeg')}`;
      form.append('images', new Blob([await readFile(new URL(image, fixtures))], { type }), image);
    }
    form.append('model', FRONT_END_MODEL);
    if (vehicle) form.append('vehicleInfo', JSON.stringify(vehicle));
    if (context) form.append('context', JSON.stringify(context));
    return form;
  };
  return { user, path: '/api/analyze', body };
}

function search(user: string, body: object): DemoRequest {
  return { user, path: '/api/trail-finder/search', body: async () => body };
}

function plan(user: string, body: object): DemoRequest {
  return { user, path: '/api/routes/plan', body: async () => body };
}

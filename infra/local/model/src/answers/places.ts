import { randomFrom } from '../random.ts';

/** A trail that an answer may name. */
export interface Trail {
  name: string;
  /** 1 easy … 5 extreme. */
  difficulty: number;
  miles: number;
  /** Feet. */
  gain: number;
}

export interface Place {
  name: string;
  /** Found in a prompt in any letter case. */
  keywords: readonly string[];
  state: string;
  county: string;
  scenery: readonly string[];
  season: string;
  permits: string;
  hazards: readonly string[];
  trails: readonly Trail[];
}

const trail = (name: string, difficulty: number, miles: number, gain: number): Trail => ({
  name,
  difficulty,
  miles,
  gain,
});

export const places: readonly Place[] = [
  {
    name: 'Moab, Utah',
    keywords: ['moab', "hell's revenge", 'fins & things', 'gemini bridges'],
    state: 'utah',
    county: 'Grand County',
    scenery: ['desert', 'canyon'],
    season: 'March to May and September to November',
    permits: 'None required',
    hazards: ['Steep slickrock climbs and descents', 'Exposed drop-offs along the track', 'Flash floods in the washes'],
    trails: [
      trail("Hell's Revenge", 4, 6.5, 1_300),
      trail('Fins & Things', 3, 9.4, 1_400),
      trail('Gemini Bridges Road', 2, 13.5, 1_500),
      trail('Chicken Corners', 2, 21, 1_200),
      trail('Poison Spider Mesa', 4, 13, 1_700),
      trail('Onion Creek Road', 1, 10, 900),
      trail('Top of the World', 4, 9, 2_300),
    ],
  },
  {
    name: 'Death Valley, California',
    keywords: ['death valley', 'titus canyon', 'racetrack', 'furnace creek'],
    state: 'california',
    county: 'Inyo County',
    scenery: ['desert', 'mountain'],
    season: 'October to April',
    permits: 'National park entrance fee',
    hazards: ['Extreme heat and no shade', 'Sharp rock that cuts sidewalls', 'Washouts after summer storms'],
    trails: [
      trail('Titus Canyon Road', 2, 27, 2_400),
      trail('Racetrack Valley Road', 3, 27, 2_000),
      trail('Echo Canyon Road', 3, 9.5, 1_700),
      trail('Cottonwood Canyon Road', 2, 17, 1_600),
      trail('Lippincott Mine Road', 4, 7, 1_900),
      trail('Saline Valley Road', 3, 78, 5_200),
    ],
  },
  {
    name: 'Rubicon Trail, Lake Tahoe, California',
    keywords: ['rubicon', 'tahoe', 'loon lake', 'fordyce'],
    state: 'california',
    county: 'El Dorado County',
    scenery: ['forest', 'mountain', 'alpine'],
    season: 'July to October',
    permits: 'Check with the county and the forest service',
    hazards: [
      'Large granite boulders and ledges',
      'Water crossings that rise with snow melt',
      'Tight turns between trees',
    ],
    trails: [
      trail('Rubicon Trail', 5, 22, 3_200),
      trail('Barker Pass Road', 2, 12, 1_500),
      trail('Deer Valley Trail', 4, 7, 1_100),
      trail('Fordyce Creek Trail', 5, 11, 1_800),
      trail('Blackwood Canyon Road', 1, 7, 1_400),
    ],
  },
  {
    name: 'Mojave National Preserve, California',
    keywords: ['mojave', 'barstow', 'needles', 'afton canyon'],
    state: 'california',
    county: 'San Bernardino County',
    scenery: ['desert'],
    season: 'October to April',
    permits: 'None required',
    hazards: ['Deep sand', 'A water crossing at Afton Canyon', 'Long distances without fuel or water'],
    trails: [
      trail('Mojave Road', 3, 138, 5_100),
      trail('Afton Canyon Road', 2, 12, 400),
      trail('Wild Horse Canyon Road', 2, 12, 900),
      trail('New York Mountains Road', 2, 20, 1_500),
      trail('Macedonia Canyon', 3, 8, 1_000),
    ],
  },
  {
    name: 'Ouray, Colorado',
    keywords: ['ouray', 'silverton', 'san juan', 'telluride', 'black bear'],
    state: 'colorado',
    county: 'Ouray County',
    scenery: ['mountain', 'alpine', 'forest'],
    season: 'Late June to September',
    permits: 'None required',
    hazards: [
      'Narrow shelf roads with few places to pass',
      'Snow patches into July',
      'Afternoon thunderstorms above the tree line',
    ],
    trails: [
      trail('Imogene Pass', 3, 17, 5_300),
      trail('Ophir Pass', 2, 10, 2_000),
      trail('Engineer Pass', 3, 23, 5_000),
      trail('Black Bear Pass', 5, 12, 3_800),
      trail('Cinnamon Pass', 2, 20, 3_300),
    ],
  },
];

/** Latitude and longitude in degrees. */
const towns: readonly Town[] = [
  { name: 'Barstow', lat: 34.8958, lng: -117.0173 },
  { name: 'Needles', lat: 34.8481, lng: -114.6141 },
  { name: 'Moab', lat: 38.5733, lng: -109.5498 },
  { name: 'Green River', lat: 38.9953, lng: -110.159 },
  { name: 'Furnace Creek', lat: 36.4572, lng: -116.8659 },
  { name: 'Lone Pine', lat: 36.606, lng: -118.0626 },
  { name: 'Las Vegas', lat: 36.1716, lng: -115.1391 },
  { name: 'Georgetown', lat: 38.9069, lng: -120.8386 },
  { name: 'Tahoma', lat: 39.0674, lng: -120.1282 },
  { name: 'Lake Tahoe', lat: 39.0968, lng: -120.0324 },
  { name: 'Ouray', lat: 38.0228, lng: -107.6714 },
  { name: 'Silverton', lat: 37.8119, lng: -107.6645 },
  { name: 'Telluride', lat: 37.9375, lng: -107.8123 },
  { name: 'Death Valley', lat: 36.5054, lng: -117.0794 },
  { name: 'Denver', lat: 39.7392, lng: -104.9903 },
];

/** The place that a prompt speaks of most; for an unknown one, a place made from the location that the prompt gives. */
export function findPlace(prompt: string): Place {
  const text = prompt.toLowerCase();
  const mentions = (place: Place): number =>
    place.keywords.reduce((sum, keyword) => sum + text.split(keyword).length - 1, 0);
  const best = places.reduce((left, right) => (mentions(right) > mentions(left) ? right : left));
  return mentions(best) > 0 ? best : unknownPlace(locationIn(prompt));
}

function locationIn(prompt: string): string {
  const match = /\blocation\b["']?\s*[:=]\s*["']?(\p{L}[^"'\n<{]{1,59})/iu.exec(prompt);
  return match?.[1]?.trim().replace(/[.,;]+$/, '') || 'the area';
}

function unknownPlace(name: string): Place {
  const short = name.split(',')[0]?.trim() || name;
  return {
    name,
    keywords: [],
    state: 'us',
    county: 'the county',
    scenery: ['forest', 'mountain'],
    season: 'May to October',
    permits: 'Check with the land manager',
    hazards: ['Ruts after rain', 'Loose rock on climbs', 'Oncoming traffic on narrow parts'],
    trails: [
      trail(`${short} Ridge Road`, 2, 14, 1_600),
      trail(`${short} Creek Trail`, 3, 8, 900),
      trail(`${short} Lookout Road`, 1, 6, 1_100),
      trail(`Upper ${short} Loop`, 4, 11, 2_100),
    ],
  };
}

export interface Town {
  name: string;
  lat: number;
  lng: number;
}

/** Start and end of the route that a prompt asks for: by their members, else the first two towns that it names. */
export function routeEnds(prompt: string): [Town, Town] {
  const named = towns
    .map((town) => ({ town, at: prompt.indexOf(town.name) }))
    .filter(({ at }) => at >= 0)
    .sort((left, right) => left.at - right.at)
    .map(({ town }) => town);
  const [first = townCalled('the trailhead'), second = townCalled('the end of the trail')] = named;
  return [memberTown(prompt, 'start') ?? first, memberTown(prompt, 'end') ?? second];
}

function memberTown(prompt: string, end: 'start' | 'end'): Town | undefined {
  const name = new RegExp(`"${end}(?:Location)?"\\s*:\\s*"([^"]{2,80})"`).exec(prompt)?.[1];
  return name === undefined ? undefined : (towns.find((town) => name.includes(town.name)) ?? townCalled(name));
}

/** A town that we know nothing of, somewhere in the west of the United States; always at the same point. */
function townCalled(name: string): Town {
  const random = randomFrom(name);
  return { name, lat: 34 + random.below(90_000) / 10_000, lng: -121 + random.below(140_000) / 10_000 };
}

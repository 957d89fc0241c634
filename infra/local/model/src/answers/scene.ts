import { type Random, randomFrom } from '../random.ts';
import { withoutTag } from './asked-tag.ts';
import { findPlace, type Place, type Trail } from './places.ts';

export interface SearchHit {
  url: string;
  title: string;
  /** `alltrails`, `onx`, `forum`, … */
  source: string;
  sourceName: string;
  trail: Trail;
}

/** What an answer is about; the same for the same prompt and seed. */
export interface Scene {
  prompt: string;
  place: Place;
  random: Random;
  /** What the web search found, best first; empty without one. */
  hits: SearchHit[];
}

export function sceneFor(prompt: string, seed: string): Scene {
  const random = randomFrom(`${seed}:${withoutTag(prompt)}`);
  return { prompt, place: findPlace(prompt), random, hits: [] };
}

/** Lower-case words joined by hyphens, as in the addresses of the sites. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/'/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

const sites: readonly ((trail: Trail, place: Place) => Omit<SearchHit, 'trail'>)[] = [
  (trail, place) => ({
    url: `https://www.alltrails.com/trail/us/${place.state}/${slug(trail.name)}`,
    title: `${trail.name}, ${place.name} - Reviews, Map | AllTrails`,
    source: 'alltrails',
    sourceName: 'AllTrails',
  }),
  (trail, place) => ({
    url: `https://www.onxmaps.com/offroad/trails/us/${place.state}/${slug(trail.name)}`,
    title: `${trail.name} : ${place.name} : Off-Road Map | onX Offroad`,
    source: 'onx',
    sourceName: 'onX Offroad',
  }),
  (trail, place) => ({
    url: `https://expeditionportal.com/forum/threads/${slug(trail.name)}-${slug(place.state)}-trip-report/`,
    title: `${trail.name} trip report | Expedition Portal`,
    source: 'forum',
    sourceName: 'Expedition Portal',
  }),
];

/** One page for each trail of the place, on different sites. */
export const findHits = (scene: Scene): SearchHit[] =>
  scene.place.trails.map((trail, index) => {
    const site = sites[index % sites.length];
    if (!site) throw new RangeError('There is no site to choose from.');
    return { ...site(trail, scene.place), trail };
  });

import { routeEnds } from './places.ts';
import type { Scene } from './scene.ts';

/** Statute miles between two points on a sphere of the earth's size. */
function milesBetween(a: Point, b: Point): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const x = radians(b.lng - a.lng) * Math.cos(radians((a.lat + b.lat) / 2));
  return Math.round(Math.hypot(x, radians(b.lat - a.lat)) * 3_959 * 10) / 10;
}

interface Point {
  lat: number;
  lng: number;
}

const stops = [
  { type: 'fuel', name: 'Last fuel before the dirt', description: 'Fill up and top off the water.' },
  { type: 'viewpoint', name: 'Overlook', description: 'A short walk from the pull-out.' },
  { type: 'water', name: 'Spring', description: 'Seasonal; treat the water and do not count on it.' },
  { type: 'hazard', name: 'Sandy wash', description: 'Air down, keep momentum, leave when storms build.' },
];

/** A route between the two towns that the prompt names first, with a camp for each night. */
export function plannerAnswer(scene: Scene): Record<string, unknown> {
  const { place, prompt } = scene;
  const [start, end] = routeEnds(prompt);
  const days = daysIn(prompt);
  const along = (share: number): Point => ({
    lat: Number((start.lat + (end.lat - start.lat) * share + 0.04 * Math.sin(share * 9)).toFixed(4)),
    lng: Number((start.lng + (end.lng - start.lng) * share).toFixed(4)),
  });
  const middle = Array.from({ length: Math.min(24, days * 2) - 1 }, (_, index) => {
    const share = (index + 1) / Math.min(24, days * 2);
    const day = Math.min(days, Math.ceil(share * days));
    const night = index % 2 === 1;
    const stop = stops[(index >> 1) % stops.length];
    return {
      ...(night || !stop
        ? {
            type: 'campsite',
            name: `Camp ${day}, ${place.name.split(',')[0]}`,
            description: 'Use an existing fire ring; no services.',
          }
        : { ...stop, name: `${stop.name} (day ${day})` }),
      ...along(share),
      day,
    };
  });
  const ends = [
    { type: 'start', name: start.name, description: 'Start with full tanks.', lat: start.lat, lng: start.lng, day: 1 },
    { type: 'end', name: end.name, description: 'End of the route.', lat: end.lat, lng: end.lng, day: days },
  ] as const;
  const waypoints = [ends[0], ...middle, ends[1]].map((point) => ({
    ...point,
    notes: point.description,
    estimatedArrivalDay: point.day,
    elevation: 2_000 + Math.round(Math.abs(Math.sin(point.lng * 7)) * 2_500),
  }));
  const segments = waypoints.slice(1).map((to, index) => {
    const from = waypoints[index] ?? to;
    const miles = Math.round(milesBetween(from, to) * 13) / 10;
    const hours = Math.max(0.5, Math.round((miles / 15) * 10) / 10);
    const difficulty = Math.min(5, 1 + ((index + place.hazards.length) % 3));
    return {
      from: from.name,
      to: to.name,
      distanceMiles: miles,
      miles,
      hours,
      estimatedHours: hours,
      estimatedMinutes: Math.round(hours * 60),
      estimatedDistance: `${miles} miles`,
      estimatedTime: `${hours} hours`,
      difficulty,
      day: to.day,
      notes: place.hazards[index % place.hazards.length] ?? 'Dirt road.',
    };
  });
  return {
    name: `${start.name} to ${end.name}`,
    title: `${start.name} to ${end.name}`,
    summary: `${days} days from ${start.name} to ${end.name} on dirt roads near ${place.name}, with a camp for each night.`,
    waypoints,
    suggestedWaypoints: waypoints,
    segments,
    routeSegments: segments,
    recommendations: ['Travel with a second vehicle', 'Carry fuel for one and a half times the distance'],
    warnings: [...place.hazards],
    bestSeason: place.season,
    permits: place.permits,
  };
}

/** The number of days that the prompt gives, 1 to 30; 2 without one. */
function daysIn(prompt: string): number {
  const match = /(\d{1,2})[\s-]*days?\b/i.exec(prompt) ?? /(?:days|duration)\w*["']?\s*[:=]\s*(\d{1,2})/i.exec(prompt);
  return Math.min(30, Math.max(1, Number(match?.[1] ?? 2)));
}

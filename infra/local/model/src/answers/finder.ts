import type { Trail } from './places.ts';
import type { Scene } from './scene.ts';

/** Trail recommendations; their addresses are those of the search results, or null when nothing was searched. */
export function finderAnswer(scene: Scene): Record<string, unknown> {
  const { place, random, hits } = scene;
  const score = scoreIn(scene.prompt);
  const trails = random.some(place.trails, 5);
  return {
    recommendations: trails.map((trail) => {
      const hit = hits.find((candidate) => candidate.trail === trail);
      return {
        name: trail.name,
        location: place.name,
        source: hit?.source ?? 'web',
        sourceName: hit?.sourceName ?? 'General knowledge, to be verified',
        sourceUrl: hit?.url ?? null,
        description: `${trail.name} runs about ${trail.miles} miles through ${place.scenery.join(' and ')} country near ${place.name}. ${place.hazards[0]} make it a drive for daylight.`,
        difficulty: trail.difficulty,
        length: `${trail.miles} miles`,
        elevationGain: `${trail.gain.toLocaleString('en-US')} ft`,
        bestSeason: place.season,
        permits: place.permits,
        whyRecommended: `Its difficulty of ${trail.difficulty} suits a vehicle rated ${score} of 5.`,
        vehicleCompatibility: compatibility(trail, score),
        sceneryType: [...place.scenery],
        warnings: random.some(place.hazards, 2),
      };
    }),
    searchSummary: `Found ${trails.length} trails near ${place.name}, from easy roads to technical routes. Distances are approximate; verify access and conditions before you go.`,
    vehicleCapabilityScore: score,
  };
}

function compatibility(trail: Trail, score: number): string {
  const margin = score - trail.difficulty;
  if (margin >= 1) return 'excellent';
  if (margin >= 0) return 'good';
  return margin >= -1.5 ? 'marginal' : 'not-recommended';
}

/** The capability score that the prompt gives, e.g. "3.7/5"; 2 without one. */
function scoreIn(prompt: string): number {
  const value = Number(/(\d(?:\.\d)?)\s*(?:\/|of|out of)\s*5\b/i.exec(prompt)?.[1] ?? 2);
  return Math.min(5, Math.max(1, value));
}

import { z } from 'zod';
import {
  anyText,
  difficulty,
  listOf,
  neededText,
  optionalText,
  suspectText,
  texts,
  UNKNOWN_ENTRY,
  word,
  words,
} from '../reading/fields.ts';
import { createShape } from '../reading/shape.ts';
import { knownUrl, type Searches } from '../structured-output/searches.ts';
import { sceneries } from './request.ts';

export const recommendationSchema = z.strictObject({
  name: neededText('Unknown Trail', { aliases: ['title', 'trailName'] }),
  location: anyText(),
  description: anyText('', 'two or three sentences'),
  whyRecommended: anyText('', 'one or two sentences'),
  source: word(['alltrails', 'onx', 'gaia', 'forum', 'web', 'other'], {
    otherwise: 'web',
    synonyms: { onxoffroad: 'onx', gaiagps: 'gaia' },
  }),
  sourceName: optionalText('the real name of the site'),
  sourceUrl: optionalText('an address from the search results'),
  difficulty: difficulty(),
  length: optionalText('like "12 miles"'),
  elevationGain: optionalText('like "2,500 ft"'),
  bestSeason: optionalText(),
  permits: suspectText('or "None required"', ['permit', 'permitRequired', 'permitsRequired']),
  // Unknown means unsafe until the driver has looked.
  vehicleCompatibility: word(['excellent', 'good', 'marginal', 'not-recommended'], {
    unknown: 'not-recommended',
    synonyms: { unsuitable: 'not-recommended', 'not suitable': 'not-recommended', borderline: 'marginal' },
  }),
  sceneryType: words(sceneries, { strict: false }),
  warnings: texts(),
});
export type Recommendation = z.output<typeof recommendationSchema>;

const unknownTrail: Recommendation = {
  name: 'Unknown Trail',
  location: '',
  description: '',
  whyRecommended: '',
  source: 'web',
  difficulty: 5,
  vehicleCompatibility: 'not-recommended',
  sceneryType: [],
  warnings: [UNKNOWN_ENTRY],
};

const found = z.strictObject({
  recommendations: listOf(recommendationSchema, unknownTrail),
  searchSummary: anyText('Search completed.', 'two or three sentences'),
});

export const finderShape = createShape({
  schema: found,
  usable: ({ recommendations }, unknown) =>
    recommendations.length === 0 || recommendations.some((_item, index) => !unknown.has(`recommendations.${index}`)),
  unreadableText: 'Failed to parse trail recommendations',
});

/** With a warning at each trail of which something is unknown, where the front-end shows it. */
export const withOwnWarnings = (recommendations: Recommendation[], unknown: string[]): Recommendation[] =>
  recommendations.map((trail, index) => {
    const members = unknown
      .filter((path) => path.startsWith(`recommendations.${index}.`))
      .map((path) => path.split('.')[2]);
    return members.length === 0
      ? trail
      : { ...trail, warnings: [...trail.warnings, `Unknown, so find out before you go: ${members.join(', ')}`] };
  });

/** Only addresses that the searches returned stay; the others may be invented or worse. */
export const withKnownUrls = (recommendations: Recommendation[], searches: Searches): Recommendation[] =>
  recommendations.map(({ sourceUrl, ...rest }) => {
    const known = knownUrl(sourceUrl, searches);
    return known === undefined ? (rest as Recommendation) : { ...rest, sourceUrl: known };
  });

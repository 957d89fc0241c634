import type { AnswerShape } from '../structured-output/ask.ts';
import {
  isRecord,
  list,
  number,
  object,
  oneOf,
  optionalText,
  someOf,
  text,
  texts,
} from '../structured-output/fields.ts';
import { knownUrl, type Searches } from '../structured-output/searches.ts';
import { sceneries } from './request.ts';

const recommendation = object({
  name: text('Unknown Trail'),
  location: text(),
  description: text('', 'two or three sentences'),
  whyRecommended: text('', 'one or two sentences'),
  source: oneOf(['alltrails', 'onx', 'gaia', 'forum', 'web', 'other'], 'web'),
  sourceName: optionalText('the real name of the site'),
  sourceUrl: optionalText('an address from the search results'),
  difficulty: number(1, 5, 5),
  length: optionalText('like "12 miles"'),
  elevationGain: optionalText('like "2,500 ft"'),
  bestSeason: optionalText(),
  permits: optionalText('or "None required"'),
  // Unknown means unsafe until the driver has looked.
  vehicleCompatibility: oneOf(['excellent', 'good', 'marginal', 'not-recommended'], 'marginal'),
  sceneryType: someOf(sceneries),
  warnings: texts(),
});
export const recommendationSchema = recommendation.answer;
export type Recommendation = ReturnType<typeof recommendation.read>;

const found = object({
  recommendations: list(recommendation, (raw) => text().read(raw['name']) !== ''),
  searchSummary: text('Search completed.', 'two or three sentences'),
});
export type Found = ReturnType<typeof found.read>;

export const finderShape: AnswerShape<Found> = {
  field: found,
  flaw: (raw) => {
    const { recommendations } = raw;
    if (!Array.isArray(recommendations)) return 'recommendations is not a list';
    return recommendations.length > 0 && !recommendations.some(isRecord)
      ? 'recommendations are not objects'
      : undefined;
  },
  unreadableText: 'Failed to parse trail recommendations',
};

/** Only addresses that the searches returned stay; the others may be invented or worse. */
export const withKnownUrls = (recommendations: Recommendation[], searches: Searches): Recommendation[] =>
  recommendations.map(({ sourceUrl, ...rest }) => {
    const known = knownUrl(sourceUrl, searches);
    return known === undefined ? (rest as Recommendation) : { ...rest, sourceUrl: known };
  });

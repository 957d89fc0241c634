import { analysisAnswer } from './analysis.ts';
import type { Feature } from './feature.ts';
import { finderAnswer } from './finder.ts';
import { judgeAnswer } from './judge.ts';
import { plannerAnswer } from './planner.ts';
import { satisfyCaller } from './satisfy.ts';
import type { Scene } from './scene.ts';

const makers: Record<Exclude<Feature, 'other'>, (scene: Scene) => Record<string, unknown>> = {
  analysis: analysisAnswer,
  finder: finderAnswer,
  planner: plannerAnswer,
  judge: judgeAnswer,
};

/**
 * The value that the answer states. With a schema: one that satisfies it. Without: what the feature's prompt asks for by
 * name. Undefined when the request is for plain text.
 */
export function answerValue(feature: Feature, scene: Scene, schema: Record<string, unknown> | undefined): unknown {
  const value = feature === 'other' ? undefined : makers[feature](scene);
  if (schema)
    return satisfyCaller(schema, value, 'answer', { root: schema, random: scene.random, place: scene.place.name });
  return value && askedFor(value, scene.prompt);
}

/** Of the members of an answer, those that the prompt names. */
function askedFor(value: Record<string, unknown>, prompt: string): Record<string, unknown> {
  const named = Object.entries(value).filter(([name]) => new RegExp(`\\b${name}\\b`).test(prompt));
  return named.length > 0 ? Object.fromEntries(named) : value;
}

/** An answer in words, for requests that belong to no feature. */
export const answerText = (scene: Scene): string =>
  `Near ${scene.place.name}, ${scene.place.trails[0]?.name ?? 'a dirt road'} is a good start. Expect ${(scene.place.hazards[0] ?? 'loose rock').toLowerCase()}, and verify conditions before you go.`;

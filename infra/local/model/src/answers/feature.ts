/** Which of the trail features a request belongs to; `other` for everything else. */
export type Feature = 'analysis' | 'finder' | 'planner' | 'judge' | 'other';

/** Members that tell the features apart, in the order in which they are asked for: a judge's prompt quotes the others'. */
const signs: readonly [Feature, readonly RegExp[]][] = [
  ['judge', [/overallScore/, /hallucination/i]],
  ['planner', [/waypoints/i]],
  ['finder', [/recommendations/, /searchSummary|vehicleCompatibility/]],
  ['analysis', [/difficulty/, /hazards/]],
];

/** By the members of the schema when there is one, else by those that the prompt asks for. */
export function featureOf(prompt: string, schema: Record<string, unknown> | undefined): Feature {
  const text = schema ? JSON.stringify(schema) : prompt;
  return signs.find(([, patterns]) => patterns.every((pattern) => pattern.test(text)))?.[0] ?? 'other';
}

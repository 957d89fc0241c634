import type { Scene } from './scene.ts';

/** A verdict on an answer; about one in eight fails. */
export function judgeAnswer(scene: Scene): Record<string, unknown> {
  const { random } = scene;
  const fails = random.below(8) === 0;
  const score = (): number => (fails ? 5 + random.below(2) : 7 + random.below(3));
  return {
    passed: !fails,
    overallScore: score(),
    accuracy: {
      score: score(),
      issues: fails ? ['Distances are given as exact without a source'] : [],
      unverifiedClaims: ['Permit rules are not sourced'],
    },
    hallucination: {
      detected: fails,
      examples: fails ? ['A trail that no known directory lists'] : [],
      severity: fails ? 'moderate' : 'none',
    },
    completeness: { score: score(), missingElements: [] },
    sourceQuality: { score: score(), issues: [], unverifiableSources: fails ? ['A page without an address'] : [] },
    improvements: ['Hedge the distances', 'Name the land manager to ask about permits'],
  };
}

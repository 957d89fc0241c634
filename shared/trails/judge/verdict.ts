import type { VerdictFigures } from '../../instances/instance-store.ts';
import type { AnswerShape } from '../structured-output/ask.ts';
import { flag, isRecord, number, object, oneOf, text, texts } from '../structured-output/fields.ts';

const score = () => number(1, 10, 1);

/** What a judge says. Whatever it leaves out counts against the answer. */
const evaluation = object({
  overallScore: score(),
  accuracy: object({ score: score(), issues: texts(), unverifiedClaims: texts() }),
  hallucination: object({
    detected: flag(true),
    examples: texts(),
    severity: oneOf(['none', 'minor', 'moderate', 'severe'], 'severe'),
  }),
  completeness: object({ score: score(), missingElements: texts() }),
  sourceQuality: object({ score: score(), issues: texts(), unverifiableSources: texts() }),
  summary: text(),
  improvements: texts(),
});
export const evaluationSchema = evaluation.answer;
export type Evaluation = ReturnType<typeof evaluation.read>;
export type JudgeVerdict = Evaluation & { passed: boolean };

const isScore = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

export const verdictShape: AnswerShape<Evaluation> = {
  field: evaluation,
  flaw: (raw) => {
    if (!isScore(raw['overallScore'])) return 'overallScore is not a number';
    return isRecord(raw['accuracy']) && isScore(raw['accuracy']['score'])
      ? undefined
      : 'accuracy.score is not a number';
  },
  unreadableText: 'Failed to judge the answer. Please try again.',
};

const MIN_OVERALL = 7;
const MIN_ACCURACY = 7;
const MIN_COMPLETENESS = 6;
const MIN_SOURCE_QUALITY = 6;
const MAX_UNVERIFIED_CLAIMS = 5;
const MAX_UNVERIFIABLE_SOURCES = 2;

/** Whether an answer passes is decided here, not by the judge's own word for it. */
export const passes = (said: Evaluation): boolean =>
  said.overallScore >= MIN_OVERALL &&
  said.accuracy.score >= MIN_ACCURACY &&
  said.completeness.score >= MIN_COMPLETENESS &&
  said.sourceQuality.score >= MIN_SOURCE_QUALITY &&
  (said.hallucination.severity === 'none' || said.hallucination.severity === 'minor') &&
  said.accuracy.unverifiedClaims.length <= MAX_UNVERIFIED_CLAIMS &&
  said.sourceQuality.unverifiableSources.length <= MAX_UNVERIFIABLE_SOURCES;

/** The verdict as numbers and flags: nothing in it quotes the answer. */
export const verdictFigures = (verdict: JudgeVerdict): VerdictFigures => ({
  passed: verdict.passed,
  overallScore: verdict.overallScore,
  accuracyScore: verdict.accuracy.score,
  completenessScore: verdict.completeness.score,
  sourceQualityScore: verdict.sourceQuality.score,
  hallucinationDetected: verdict.hallucination.detected,
  hallucinationSeverity: verdict.hallucination.severity,
  issues: verdict.accuracy.issues.length,
  unverifiedClaims: verdict.accuracy.unverifiedClaims.length,
  unverifiableSources: verdict.sourceQuality.unverifiableSources.length,
  missingElements: verdict.completeness.missingElements.length,
});

import { z } from 'zod';
import type { VerdictFigures } from '../../instances/instance-store.ts';
import { hinted } from '../reading/field-hints.ts';
import { anyText, flag, texts, UNKNOWN_ENTRY, word } from '../reading/fields.ts';
import { outOf } from '../reading/quantities.ts';
import { createShape } from '../reading/shape.ts';
import type { Unknowns } from '../reading/unknowns.ts';

const WORST = 1;
const score = () => hinted(z.number().min(WORST).max(10), { unknown: WORST, parse: outOf(10) });
const unknownTexts = [UNKNOWN_ENTRY];

/** What a judge says. Whatever it leaves out counts against the answer. */
export const evaluationSchema = z.strictObject({
  overallScore: score(),
  accuracy: hinted(z.strictObject({ score: score(), issues: texts(), unverifiedClaims: texts() }), {
    unknown: { score: WORST, issues: unknownTexts, unverifiedClaims: unknownTexts },
  }),
  hallucination: hinted(
    z.strictObject({
      detected: flag(true),
      examples: texts(),
      severity: word(['none', 'minor', 'moderate', 'severe'], { unknown: 'severe' }),
    }),
    { unknown: { detected: true, examples: unknownTexts, severity: 'severe' } },
  ),
  completeness: hinted(z.strictObject({ score: score(), missingElements: texts() }), {
    unknown: { score: WORST, missingElements: unknownTexts },
  }),
  sourceQuality: hinted(z.strictObject({ score: score(), issues: texts(), unverifiableSources: texts() }), {
    unknown: { score: WORST, issues: unknownTexts, unverifiableSources: unknownTexts },
  }),
  summary: anyText(),
  improvements: texts(),
});
export type Evaluation = z.output<typeof evaluationSchema>;
/** `unknown` and `warnings`: what of it could not be read, and counts against the answer for that reason. */
export type JudgeVerdict = Evaluation & Unknowns & { passed: boolean };

export const verdictShape = createShape({
  schema: evaluationSchema,
  usable: (_said, unknown) => !['overallScore', 'accuracy', 'accuracy.score'].some((path) => unknown.has(path)),
  unreadableText: 'Failed to judge the answer. Please try again.',
});

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

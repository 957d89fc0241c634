import type { Caller } from '../../identity/caller.ts';
import type { TextModel } from '../../model/clients/text-model.ts';
import { runFeature, type TrailServices } from '../feature.ts';
import type { AnswerMetrics } from '../metrics.ts';
import { properties } from '../properties.ts';
import { callError, interrupted, refused, unreadable } from '../structured-output/errors.ts';
import { jsonCandidates } from '../structured-output/json-candidates.ts';
import { useCases } from '../use-cases.ts';
import { type JudgedAnswer, judgeQuestion, judgeSystem } from './prompt.ts';
import { type Evaluation, type JudgeVerdict, passes, verdictShape } from './verdict.ts';

const MAX_TOKENS = 8_000;

export interface Judged {
  verdict: JudgeVerdict;
  metrics: AnswerMetrics;
}

/**
 * Judges an answer as an instance of `judge_validation`, for the user whose answer it is.
 * @param judgedId the instance that gave the answer, where there is one.
 * @throws AnswerError, or an error of the limits.
 */
export async function evaluate(
  services: TrailServices,
  judge: TextModel,
  caller: Pick<Caller, 'userId' | 'accountName'>,
  judged: JudgedAnswer,
  { judgedId, signal }: { judgedId?: string; signal: AbortSignal },
): Promise<Judged> {
  const { location } = judged.question;
  const { result, metrics } = await runFeature(services, {
    useCase: useCases.judge,
    caller,
    requestedModel: judge.model,
    signal,
    useCaseProperties: properties({
      judge_provider: judge.provider,
      judge_model: judge.model,
      validated_use_case: judged.useCaseName,
      judged_use_case_id: judgedId,
      location: typeof location === 'string' ? location : undefined,
    }),
    requestProperties: properties({ judge_provider: judge.provider, judge_model: judge.model }),
    work: (deadline) => verdictOf(judge, judged, deadline),
    scores: (verdict) => [
      { name: 'validation_passed', score: verdict?.passed ?? false },
      ...(verdict
        ? [
            { name: 'overall_score', score: verdict.overallScore },
            { name: 'hallucination_detected', score: verdict.hallucination.detected },
          ]
        : []),
    ],
  });
  return { verdict: result, metrics };
}

/** One attempt, and a second one when the first can't be read. */
async function verdictOf(judge: TextModel, judged: JudgedAnswer, signal: AbortSignal): Promise<JudgeVerdict> {
  const request = { system: judgeSystem(judged.useCaseName), prompt: judgeQuestion(judged), signal };
  const first = await said(judge, { ...request, maxTokens: MAX_TOKENS });
  const evaluation = first ?? (await said(judge, { ...request, maxTokens: MAX_TOKENS * 2 }));
  if (!evaluation) throw unreadable(verdictShape.unreadableText, 'no verdict');
  return { passed: passes(evaluation), ...evaluation };
}

async function said(
  judge: TextModel,
  request: Parameters<TextModel['complete']>[0] & { signal: AbortSignal },
): Promise<Evaluation | undefined> {
  const answer = await judge.complete(request).catch((error: unknown) => {
    throw request.signal.aborted ? interrupted(request.signal) : callError(error);
  });
  if (answer.refused) throw refused();
  if (answer.truncated) return undefined;
  const usable = jsonCandidates(answer.text).findLast((raw) => verdictShape.flaw(raw) === undefined);
  return usable && verdictShape.field.read(usable);
}

import type { TextModel } from '../../model/clients/text-model.ts';
import { trackContext } from '../../tracking/context.ts';
import { useCases } from '../../use-cases/use-cases.ts';
import { runFeature, type TrailServices } from '../feature.ts';
import type { AnswerMetrics } from '../metrics.ts';
import { properties } from '../properties.ts';
import { type AnswerAttempt, attemptIn, failed } from '../reading/answer-attempt.ts';
import { createMark } from '../reading/answer-text.ts';
import type { RunCaller } from '../run-caller.ts';
import { callError, interrupted, refused } from '../structured-output/errors.ts';
import { settle } from '../structured-output/settle.ts';
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
  caller: RunCaller,
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
    work: (deadline) => verdictOf(services, judge, judged, deadline),
    scores: (verdict) => [
      { name: 'validation_passed', score: verdict?.passed ?? false },
      ...(verdict
        ? [
            { name: 'overall_score', score: verdict.overallScore },
            ...(verdict.unknown.some((path) => path.startsWith('hallucination'))
              ? []
              : [{ name: 'hallucination_detected', score: verdict.hallucination.detected }]),
          ]
        : []),
    ],
  });
  return { verdict: result, metrics };
}

/** One call, and a second one for what can't be read of its answer. */
async function verdictOf(services: TrailServices, judge: TextModel, judged: JudgedAnswer, signal: AbortSignal) {
  const first = await said(judge, judged, { maxTokens: MAX_TOKENS, signal });
  const second =
    first.fault === undefined
      ? undefined
      : await trackContext({ useCaseStep: 'repair' }, () =>
          said(judge, judged, { maxTokens: MAX_TOKENS * 2, signal, fault: first.fault }),
        );
  const { answer, ...unknowns } = settle(verdictShape, services.telemetry, first, second);
  return { passed: passes(answer), ...answer, ...unknowns };
}

interface Call {
  maxTokens: number;
  signal: AbortSignal;
  /** What was wrong with the answer before. */
  fault?: string | undefined;
}

async function said(
  judge: TextModel,
  judged: JudgedAnswer,
  { maxTokens, signal, fault }: Call,
): Promise<AnswerAttempt<Evaluation>> {
  const mark = createMark();
  const system = judgeSystem(judged.useCaseName, mark, fault);
  const answer = await judge
    .complete({ system, prompt: judgeQuestion(judged), maxTokens, signal })
    .catch((error: unknown) => {
      throw signal.aborted ? interrupted(signal) : callError(error);
    });
  if (answer.refused) throw refused();
  return answer.truncated ? failed('it was cut off') : attemptIn(verdictShape, answer.text, mark);
}

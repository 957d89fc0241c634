import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import type { Instance, InstanceStore } from '../../instances/instance-store.ts';
import type { TextModel } from '../../model/clients/text-model.ts';
import type { Seal } from '../../seal/seal.ts';
import { inRequest } from '../../telemetry/request-scope.ts';
import { insideSpan, parseTraceparent } from '../../telemetry/spans.ts';
import { describeError } from '../../telemetry/telemetry.ts';
import { cutText } from '../../util/text.ts';
import type { TrailServices } from '../feature.ts';
import type { RunCaller } from '../run-caller.ts';
import { evaluate, type Judged } from './evaluate.ts';
import { type JudgeJob, judgeJobSchema, sealedAbout, sealedContentSchema } from './job.ts';
import type { JudgeQueue } from './queue.ts';
import { verdictFigures } from './verdict.ts';

export interface JudgeServices extends TrailServices {
  judge?: TextModel;
  judgeQueue: JudgeQueue;
  instances: InstanceStore;
  /** Absent when no judge is configured. */
  seal?: Seal;
}

const MAX_ATTEMPTS = 6;
const FIRST_WAIT_MS = 30_000;
const MAX_TEXTS = 10;
const MAX_TEXT = 300;

/** Failures of a provider that pass. What was wrong with the job or the answer stays so. */
const passing = new Set(['rate_limited', 'model_overloaded', 'model_failed', 'model_deadline']);

/**
 * Judges one message of the queue and keeps the verdict with the instance. A passing failure is tried again later
 * by a message of its own, so that the delivery count is kept for what we did wrong.
 * @throws when the message is not a judge job or a table or queue is away: the host delivers it again.
 */
export async function processJudgeJob(services: JudgeServices, message: unknown): Promise<void> {
  const job = judgeJobSchema.parse(message);
  const work = () => insideSpan(parseTraceparent(job.traceparent), () => judge(services, job));
  if (job.requestId === undefined) return work();
  return inRequest({ requestId: job.requestId, headers: {} }, work);
}

async function judge(services: JudgeServices, job: JudgeJob): Promise<void> {
  const known = await services.instances.find(job.useCaseName, job.useCaseId);
  // Delivered again after its verdict was stored: judging twice would be paid twice.
  if (known && known.status !== 'pending') return;
  if (!services.judge || !services.seal) return finish(services, job, { status: 'skipped', reason: 'no_judge' });
  const content = sealedContentSchema.parse(services.seal.open(job.sealed, sealedAbout(job)));
  // It was saved before the job was sent, and deleted with the data of its user since.
  if (!known) return;
  try {
    const judged = await evaluate(
      services,
      services.judge,
      callerOf(job),
      { useCaseName: job.useCaseName, ...content },
      { judgedId: job.useCaseId, signal: new AbortController().signal },
    );
    await finish(services, job, outcomeOf(judged, services.settings.KEEP_VERDICT_TEXT));
  } catch (error) {
    if (!(error instanceof TrailmeterError)) throw error;
    services.telemetry.warn('judging-failed', {
      useCaseId: job.useCaseId,
      attempt: job.attempt,
      ...describeError(error),
    });
    if (passing.has(error.code) && job.attempt < MAX_ATTEMPTS) return again(services, job, error);
    const status = error.status === 402 ? 'skipped' : 'failed';
    await finish(services, job, { status, reason: error.code });
  }
}

/** What the key allows was decided when the answer was asked for; the judging is ours. */
const callerOf = ({ userId, accountName, keyName }: JudgeJob): RunCaller => ({
  userId,
  ...(accountName !== undefined && { accountName }),
  ...(keyName !== undefined && { key: { name: keyName } }),
});

/** Twice as late each time, and not before the provider wants. */
async function again({ judgeQueue, clock }: JudgeServices, job: JudgeJob, error: TrailmeterError): Promise<void> {
  const waitMs = Math.max(FIRST_WAIT_MS * 2 ** (job.attempt - 1), (error.retryAfterSeconds ?? 0) * 1_000);
  await judgeQueue.send({ ...job, attempt: job.attempt + 1 }, clock.now() + waitMs);
}

type Outcome = Omit<Instance, 'useCaseName' | 'useCaseId' | 'userId' | 'updatedAt'>;

async function finish({ instances, clock }: JudgeServices, job: JudgeJob, outcome: Outcome): Promise<void> {
  await instances.save({
    useCaseName: job.useCaseName,
    useCaseId: job.useCaseId,
    userId: job.userId,
    updatedAt: new Date(clock.now()).toISOString(),
    ...outcome,
  });
}

const outcomeOf = ({ verdict, metrics }: Judged, keepText: boolean): Outcome => ({
  status: 'judged',
  figures: verdictFigures(verdict),
  judgeModel: metrics.model,
  judgeUseCaseId: metrics.use_case_id,
  ...(keepText && {
    texts: {
      issues: short(verdict.accuracy.issues),
      unverifiedClaims: short(verdict.accuracy.unverifiedClaims),
      examples: short(verdict.hallucination.examples),
      missingElements: short(verdict.completeness.missingElements),
      unverifiableSources: short(verdict.sourceQuality.unverifiableSources),
      improvements: short(verdict.improvements),
    },
  }),
});

const short = (texts: string[]): string[] => texts.slice(0, MAX_TEXTS).map((text) => cutText(text, MAX_TEXT));

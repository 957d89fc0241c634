import { createHash } from 'node:crypto';
import type { Instance, InstanceStore } from '../../instances/instance-store.ts';
import type { Seal } from '../../seal/seal.ts';
import { requestScope } from '../../telemetry/request-scope.ts';
import { currentTraceparent } from '../../telemetry/spans.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { cutText } from '../../util/text.ts';
import type { RunCaller } from '../run-caller.ts';
import { type SealedContent, sealedAbout } from './job.ts';
import type { JudgedAnswer } from './prompt.ts';
import type { JudgeQueue } from './queue.ts';

/** What a queue message has room for, sealed and in base64 (256 kB), whatever the alphabet. */
const MAX_ANSWER = 40_000;
const MAX_SOURCES = 60;

/** An answer that may be judged in the background. */
export interface Submission extends JudgedAnswer {
  useCaseId: string;
  caller: RunCaller;
}

/** Hands answers to the judge. */
export interface Judging {
  /** Never throws: an answer is not withheld because it can't be judged. */
  submit(submission: Submission): Promise<{ status: 'pending' | 'skipped' }>;
}

interface JudgingOptions {
  instances: InstanceStore;
  clock: Clock;
  telemetry: Telemetry;
  /** Absent when no judge is configured. */
  judge?: { queue: JudgeQueue; seal: Seal; sampleRate: number };
}

export function createJudging({ instances, clock, telemetry, judge }: JudgingOptions): Judging {
  const save = (submission: Submission, status: 'pending' | 'skipped', reason?: string): Promise<void> =>
    instances.save({
      useCaseName: submission.useCaseName,
      useCaseId: submission.useCaseId,
      userId: submission.caller.userId,
      status,
      ...(reason && { reason }),
      updatedAt: new Date(clock.now()).toISOString(),
    } satisfies Instance);

  /** A row that says `pending` would wait for ever. */
  async function giveUp(submission: Submission): Promise<void> {
    try {
      await save(submission, 'skipped', 'not_submitted');
    } catch (error) {
      telemetry.count('judge-rows-not-saved', 1, { useCase: submission.useCaseName });
      telemetry.error('judge-row-not-saved', { useCaseId: submission.useCaseId, ...describeError(error) });
    }
  }

  return {
    async submit(submission) {
      const reason = judge ? (sampled(submission.useCaseId, judge.sampleRate) ? undefined : 'not_sampled') : 'no_judge';
      try {
        if (!judge || reason) {
          await save(submission, 'skipped', reason);
          return { status: 'skipped' };
        }
        await save(submission, 'pending');
        await judge.queue.send({
          schemaVersion: 1,
          useCaseName: submission.useCaseName,
          useCaseId: submission.useCaseId,
          ...forWhom(submission.caller),
          ...forRequest(),
          attempt: 1,
          sealed: judge.seal.close(contentOf(submission), sealedAbout(submission)),
        });
        return { status: 'pending' };
      } catch (error) {
        telemetry.count('judge-jobs-not-submitted', 1, { useCase: submission.useCaseName });
        telemetry.error('judge-job-not-submitted', { useCaseId: submission.useCaseId, ...describeError(error) });
        await giveUp(submission);
        return { status: 'skipped' };
      }
    },
  };
}

function forRequest(): { requestId?: string; traceparent?: string } {
  const scope = requestScope();
  const traceparent = currentTraceparent();
  return { ...(scope && { requestId: scope.requestId }), ...(traceparent !== undefined && { traceparent }) };
}

const forWhom = ({ userId, accountName, key }: Submission['caller']) => ({
  userId,
  ...(accountName !== undefined && { accountName }),
  ...(key && { keyName: key.name }),
});

const contentOf = ({ question, answer, sources }: Submission): SealedContent => ({
  question,
  answer: cutText(answer, MAX_ANSWER),
  sources: sources.slice(0, MAX_SOURCES),
});

/** The same instance is always in the sample or never, whoever asks. */
export function sampled(useCaseId: string, rate: number): boolean {
  const share = createHash('sha256').update(useCaseId).digest().readUInt32BE() / 2 ** 32;
  return share < rate;
}

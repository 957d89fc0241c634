import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import type { TextModel, TextRequest } from '../../shared/model/clients/text-model.ts';
import { createSeal } from '../../shared/seal/seal.ts';
import { getContext, reportCall } from '../../shared/tracking/context.ts';
import type { JudgeJob } from '../../shared/trails/judge/job.ts';
import { createJudging, sampled } from '../../shared/trails/judge/judging.ts';
import { type JudgeServices, processJudgeJob } from '../../shared/trails/judge/process-judge-job.ts';
import { type Evaluation, passes, verdictShape } from '../../shared/trails/judge/verdict.ts';
import { readShape } from '../../shared/trails/reading/shape.ts';
import { AnswerError } from '../../shared/trails/structured-output/errors.ts';
import { ADMIN_KEY, envelope, memoryInstances, startTestApp, type TestApp } from '../support/app.ts';

const good = {
  overallScore: 8,
  accuracy: { score: 8, issues: [], unverifiedClaims: ['permits'] },
  hallucination: { detected: false, examples: [], severity: 'none' },
  completeness: { score: 7, missingElements: [] },
  sourceQuality: { score: 7, issues: [], unverifiableSources: [] },
  summary: 'Fine.',
  improvements: ['hedge'],
};

describe('thresholds', () => {
  const read = (raw: unknown): Evaluation => readShape(verdictShape, raw).value as Evaluation;
  const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `claim ${index}`);

  test.each<[string, object, boolean]>([
    ['good', {}, true],
    [
      'at every edge',
      {
        overallScore: 7,
        accuracy: { score: 7, unverifiedClaims: texts(5) },
        hallucination: { detected: true, severity: 'minor' },
        completeness: { score: 6 },
        sourceQuality: { score: 6, unverifiableSources: texts(2) },
      },
      true,
    ],
    ['overall', { overallScore: 6.9 }, false],
    ['accuracy', { accuracy: { score: 6 } }, false],
    ['unverified claims', { accuracy: { score: 8, unverifiedClaims: texts(6) } }, false],
    ['moderate invention', { hallucination: { detected: true, severity: 'moderate' } }, false],
    ['severe invention', { hallucination: { detected: true, severity: 'severe' } }, false],
    ['an unknown severity', { hallucination: { detected: false, severity: 'meh' } }, false],
    ['no word on invention', { hallucination: null }, false],
    ['completeness', { completeness: { score: 5 } }, false],
    ['completeness unknown', { completeness: 'ok' }, false],
    ['source quality', { sourceQuality: { score: 5 } }, false],
    ['unverifiable sources', { sourceQuality: { score: 8, unverifiableSources: texts(3) } }, false],
    ['its own word does not count', { passed: true, overallScore: 2 }, false],
  ])('%s', (_name, more, expected) => {
    expect(passes(read({ ...good, ...more }))).toBe(expected);
  });
});

const sealingKey = randomBytes(32).toString('base64');

describe('the seal', () => {
  const seal = createSeal(sealingKey);
  const content = { answer: 'Secret ünïcode', sources: [] };

  test('opens what it closed, and nothing of it can be read', () => {
    const sealed = seal.close(content, 'trail_finder/1');
    expect(seal.open(sealed, 'trail_finder/1')).toEqual(content);
    expect(Buffer.from(sealed, 'base64').toString()).not.toContain('Secret');
    expect(seal.close(content, 'trail_finder/1')).not.toBe(sealed);
  });

  test('is bound to its instance, its key and every byte', () => {
    const sealed = seal.close(content, 'trail_finder/1');
    expect(() => seal.open(sealed, 'trail_finder/2')).toThrow('another key, or changed');
    expect(() => createSeal(randomBytes(32).toString('base64')).open(sealed, 'trail_finder/1')).toThrow();
    const bytes = Buffer.from(sealed, 'base64');
    for (const at of [0, 12, 28, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => seal.open(changed.toString('base64'), 'trail_finder/1')).toThrow();
    }
    expect(() => seal.open('', 'trail_finder/1')).toThrow();
  });

  test('wants 32 bytes', () => {
    expect(() => createSeal('short')).toThrow('JUDGE_SEAL_KEY must be 32 bytes');
  });
});

test('a sample rate samples', () => {
  const ids = Array.from({ length: 2_000 }, (_, index) => `id-${index}`);
  const share = (rate: number) => ids.filter((id) => sampled(id, rate)).length / ids.length;
  expect([share(0), share(1)]).toEqual([0, 1]);
  expect(Math.abs(share(0.25) - 0.25)).toBeLessThan(0.05);
});

describe('in the background', () => {
  const instances = memoryInstances();
  const seal = createSeal(sealingKey);
  let sent: { job: JudgeJob; notBeforeMs?: number | undefined }[] = [];
  let replies: (string | Error)[] = [];
  let asked: TextRequest[] = [];
  const judgeQueue = {
    send: async (job: JudgeJob, notBeforeMs?: number) => void sent.push({ job, notBeforeMs }),
    close: async () => undefined,
  };
  const judge: TextModel = {
    provider: 'anthropic',
    model: 'claude-haiku-5-5',
    async complete(request) {
      asked.push(request);
      const reply = replies.shift() ?? JSON.stringify(good);
      reportCall(getContext(), {
        eventId: 'e',
        requestedModel: 'claude-haiku-5-5',
        model: 'claude-haiku-5-5',
        units: { text: { input: 1, output: 1 } },
        costNanoUsd: 1n,
        latencyMs: 1,
        httpStatusCode: 200,
        outcome: 'succeeded',
        warnings: [],
      });
      if (reply instanceof Error) throw reply;
      return { text: reply, model: 'claude-haiku-5-5', truncated: false, refused: false };
    },
  };
  let app: TestApp;
  const start = async (settings: Record<string, string> = {}) => {
    const clock = { now: () => 1_000_000, sleep: async () => undefined };
    const telemetry = { info() {}, warn() {}, error() {}, count() {}, measure() {} };
    const judging = createJudging({ instances, clock, telemetry, judge: { queue: judgeQueue, seal, sampleRate: 1 } });
    app = await startTestApp(settings, { instances, seal, judge, judgeQueue, judging, clock });
  };
  beforeEach(async () => {
    sent = [];
    replies = [];
    asked = [];
    await start();
  });
  afterEach(() => app.close());

  const work = () => processJudgeJob(app.services as JudgeServices, JSON.parse(JSON.stringify(sent.at(-1)?.job)));
  const search = async (): Promise<string> => {
    const { data } = await envelope(await app.call('search-trails', { json: { location: 'Moab, Utah' } }));
    expect(data.judge).toEqual({ status: 'pending' });
    return data.metrics.use_case_id;
  };
  const get = (id: string, headers = {}) =>
    app.call('get-instance', { method: 'GET', params: { name: 'trail_finder', id }, headers });
  const scores = () =>
    Object.fromEntries(
      app.kpis
        .filter(({ useCase }) => useCase.name === 'judge_validation')
        .flatMap(({ kpis }) => kpis)
        .map(({ name, score }) => [name, score]),
    );

  test('an answer is sealed, judged, scored and shown', async () => {
    const id = await search();
    expect((await envelope(await get(id))).data.verdict.status).toBe('pending');
    expect(JSON.stringify(sent)).not.toContain('Moab');
    await work();
    expect(asked[0]?.prompt).toContain('Moab, Utah');
    expect(asked[0]?.prompt).toContain('www.alltrails.com');
    const { data } = await envelope(await get(id));
    expect(data.verdict).toMatchObject({
      status: 'judged',
      judgeModel: 'claude-haiku-5-5',
      figures: { passed: true, overallScore: 8, unverifiedClaims: 1, hallucinationSeverity: 'none' },
    });
    expect(data.verdict.texts).toBeUndefined();
    expect(JSON.stringify(data)).not.toContain('hedge');
    expect(scores()).toEqual({ validation_passed: true, overall_score: 8, hallucination_detected: false });
  });

  test('the judge’s words are kept where the settings say so', async () => {
    await app.close();
    await start({ KEEP_VERDICT_TEXT: 'true' });
    const id = await search();
    await work();
    expect((await envelope(await get(id))).data.verdict.texts.unverifiedClaims).toEqual(['permits']);
  });

  test('a job that is delivered again is not judged again', async () => {
    await search();
    await work();
    await work();
    expect(asked).toHaveLength(1);
  });

  test('what can’t be read is asked once more', async () => {
    replies = ['I like it.', JSON.stringify(good)];
    const id = await search();
    await work();
    expect((await envelope(await get(id))).data.verdict.status).toBe('judged');
  });

  test('a verdict that the judge only quotes is not its verdict', async () => {
    const bad = { ...good, overallScore: 2, accuracy: { ...good.accuracy, score: 2 } };
    replies = [`The answer praises itself: ${JSON.stringify(good)}`, JSON.stringify(bad)];
    const id = await search();
    await work();
    expect(asked).toHaveLength(2);
    expect(asked[1]?.system).toContain('could not be used: the answer must be one JSON object.');
    expect((await envelope(await get(id))).data.verdict.figures).toMatchObject({ passed: false, overallScore: 2 });
  });

  test('what stays unclear in a verdict counts against the answer, and is not a score', async () => {
    replies = Array(2).fill(JSON.stringify({ ...good, hallucination: { detected: 'perhaps', severity: 'meh' } }));
    const id = await search();
    await work();
    expect((await envelope(await get(id))).data.verdict.figures).toMatchObject({
      passed: false,
      hallucinationDetected: true,
      hallucinationSeverity: 'severe',
    });
    expect(scores()).toEqual({ validation_passed: false, overall_score: 8 });
  });

  test('a judge that never says anything usable has failed, which does not pass', async () => {
    replies = ['no', 'no'];
    const id = await search();
    await work();
    expect((await envelope(await get(id))).data.verdict).toMatchObject({
      status: 'failed',
      reason: 'answer_unreadable',
    });
    expect(scores()).toEqual({ validation_passed: false });
  });

  test('a passing failure is tried again later, not for ever', async () => {
    const busy = () => new AnswerError('model_overloaded', 'Busy.', { status: 503, retryAfterSeconds: 100 });
    const id = await search();
    for (const waitMs of [100_000, 100_000, 120_000, 240_000, 480_000]) {
      replies = [busy()];
      await work();
      expect(sent.at(-1)?.notBeforeMs).toBe(1_000_000 + waitMs);
    }
    replies = [busy()];
    await work();
    expect(sent).toHaveLength(6);
    expect((await envelope(await get(id))).data.verdict).toMatchObject({
      status: 'failed',
      reason: 'model_overloaded',
    });
  });

  test('without budget an answer is not judged', async () => {
    replies = [new TrailmeterError('limit_reached', 'No.', { status: 402 })];
    const id = await search();
    await work();
    expect((await envelope(await get(id))).data.verdict).toMatchObject({ status: 'skipped', reason: 'limit_reached' });
  });

  test('a message that we did not send comes back to the host', async () => {
    for (const message of [null, 'text', {}, { schemaVersion: 2 }])
      await expect(processJudgeJob(app.services as JudgeServices, message)).rejects.toThrow();
    await search();
    await expect(
      processJudgeJob(app.services as JudgeServices, { ...sent[0]?.job, useCaseId: 'another' }),
    ).rejects.toThrow('another key, or changed');
  });

  test('an answer whose instance was deleted with the data of its user is not judged', async () => {
    const id = await search();
    const [job] = sent.filter(({ job: { useCaseId } }) => useCaseId === id);
    await instances.removeOfUser(job?.job.userId ?? '', Date.now() + 1_000, { from: '', isOver: () => false });
    const before = app.usage.length;
    await processJudgeJob(app.services as JudgeServices, job?.job);
    expect(app.usage).toHaveLength(before);
    expect(await instances.find('trail_finder', id)).toBeUndefined();
  });

  test('an instance is its user’s, or an admin’s', async () => {
    const id = await search();
    expect((await get(id)).status).toBe(200);
    expect((await get(id, { 'x-user-id': 'eve' })).status).toBe(404);
    expect((await get(id, { 'x-functions-key': ADMIN_KEY, 'x-user-id': 'eve' })).status).toBe(200);
    expect((await get('nothing')).status).toBe(404);
    expect((await get('../x')).status).toBe(404);
  });

  test('an answer is given also when it can’t be handed to the judge', async () => {
    judgeQueue.send = () => Promise.reject(new Error('queue is away'));
    const { data } = await envelope(await app.call('search-trails', { json: { location: 'Moab' } }));
    expect(data.judge.status).toBe('skipped');
    expect((await instances.find('trail_finder', data.metrics.use_case_id))?.reason).toBe('not_submitted');
    judgeQueue.send = async (job, notBeforeMs) => void sent.push({ job, notBeforeMs });
  });

  test('a row that can’t be saved is counted; the answer is given all the same', async () => {
    const counted: string[] = [];
    const telemetry = {
      info() {},
      warn() {},
      error() {},
      count: (name: string) => void counted.push(name),
      measure() {},
    };
    const judging = createJudging({
      instances: { ...instances, save: () => Promise.reject(new Error('table is away')) },
      clock: { now: () => 1_000_000, sleep: async () => undefined },
      telemetry,
      judge: { queue: judgeQueue, seal, sampleRate: 1 },
    });
    const submission = { useCaseName: 'trail_finder', useCaseId: 'x', caller: { userId: 'sam' } };
    const answer = { question: {}, answer: 'Go.', sources: [] };
    await expect(judging.submit({ ...submission, ...answer })).resolves.toEqual({ status: 'skipped' });
    expect(counted).toEqual(['judge-jobs-not-submitted', 'judge-rows-not-saved']);
  });

  test('on request', async () => {
    const json = { useCase: 'trail_finder', question: { location: 'Moab' }, answer: 'Drive </answer> there.' };
    const { data } = await envelope(await app.call('judge', { json }));
    expect(data).toMatchObject({
      status: 'judged',
      verdict: { passed: true, overallScore: 8, improvements: ['hedge'] },
    });
    expect(asked[0]?.prompt.match(/<\/answer>/g)).toHaveLength(1);
    replies = ['no', 'no'];
    const failed = await app.call('judge', { json });
    expect([failed.status, (await envelope(failed)).code]).toEqual([502, 'answer_unreadable']);
  });

  test('without a judge', async () => {
    const none = await startTestApp();
    const json = { useCase: 'trail_finder', question: {}, answer: 'Go.' };
    expect((await envelope(await none.call('judge', { json }))).data).toEqual({
      status: 'skipped',
      reason: 'no_judge',
    });
    expect(none.kpis).toEqual([]);
    await none.close();
  });
});

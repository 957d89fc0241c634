import type { z } from 'zod';
import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { type HttpAnswer, json } from '../../http/answer.ts';
import { callError } from '../../trails/structured-output/errors.ts';
import { describeIssue } from '../../util/describe-issue.ts';

/** One entry of a 422, as FastAPI gives it. */
interface Detail {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
}

/** The body is not as it must be. */
class InvalidBodyError extends TrailmeterError {
  readonly detail: Detail[];
  constructor(detail: Detail[]) {
    super('invalid_request', 'The request body is not valid', { status: 422 });
    this.detail = detail;
  }
}

/** @throws InvalidBodyError naming every wrong member. */
export function decodeBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const decoded = schema.safeParse(body, { error: describeIssue });
  if (decoded.success) return decoded.data;
  throw new InvalidBodyError(decoded.error.issues.map((issue) => detailOf(issue, body)));
}

export const invalidJson = (): TrailmeterError =>
  new InvalidBodyError([{ type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error', input: {} }]);

export const unsupportedProvider = (provider: string): TrailmeterError =>
  new TrailmeterError('unsupported_provider', `Unsupported provider: ${provider}`, { status: 400 });

/** 502: paid, and of no use to a caller that reads JSON out of it. */
export const noAnswer = (reason: string): TrailmeterError =>
  new TrailmeterError('answer_unusable', `The AI model gave no usable answer: ${reason}.`, { status: 502 });

/** Any error as `{"detail": …}`, JSON always. Texts and statuses of the provider stay inside, but for "your request is wrong". */
export function proxyFailure(error: unknown): HttpAnswer {
  const told = tellable(error);
  if (told instanceof InvalidBodyError) return json(422, { detail: told.detail });
  if (!(told instanceof TrailmeterError) || told.code === 'invalid_settings')
    return json(500, { detail: 'Internal server error' });
  const fields = told.details['fields'];
  if (told.code === 'invalid_request' && Array.isArray(fields)) return json(422, { detail: fields.map(fieldDetail) });
  const retryAfter = told.retryAfterSeconds;
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) };
  return json(told.status, { detail: told.message, code: told.code }, headers);
}

/** "Your request is wrong" keeps its status, bare or as the features tell it; here the caller also names the model. */
function tellable(error: unknown): unknown {
  const told = callError(error);
  if (!(told instanceof TrailmeterError)) return told;
  if (told.code === 'model_unavailable')
    return new TrailmeterError(told.code, told.message, { status: 404, cause: told });
  if (told.code !== 'model_request_refused') return told;
  const status = (told.cause as { status?: unknown } | undefined)?.status;
  if (status !== 400 && status !== 413 && status !== 422) return told;
  return new TrailmeterError(told.code, told.message, { status, cause: told.cause });
}

const kinds: Record<string, [type: string, msg: string]> = {
  array: ['list_type', 'Input should be a valid list'],
  string: ['string_type', 'Input should be a valid string'],
  number: ['int_type', 'Input should be a valid integer'],
  int: ['int_type', 'Input should be a valid integer'],
  record: ['dict_type', 'Input should be a valid dictionary'],
  object: ['model_attributes_type', 'Input should be a valid dictionary or object to extract fields from'],
};

function detailOf(issue: z.core.$ZodIssue, body: unknown): Detail {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const loc = ['body', ...path];
  const input = path.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], body);
  if (input === undefined) return { type: 'missing', loc, msg: 'Field required', input: {} };
  const [type, msg] = (issue.code === 'invalid_type' ? kinds[issue.expected] : undefined) ?? [
    'value_error',
    issue.message,
  ];
  return { type, loc, msg, input: isShort(input) ? input : null };
}

const fieldDetail = (problem: { field: string; problem: string }): Detail => ({
  type: 'value_error',
  loc: ['body', ...problem.field.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))],
  msg: problem.problem,
  input: null,
});

const isShort = (value: unknown): boolean =>
  value === null ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value.length <= 100);

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { ApiProblem, invalid } from '../errors.ts';
import { findModel, type ModelFacts } from './models.ts';
import { refuseByModel, refuseByShape, refuseByVersion } from './refusals.ts';
import { type MessageRequest, messageRequestSchema, withFormat } from './request.ts';

/** A request of the token counter has no `max_tokens`. */
const countRequestSchema = messageRequestSchema.extend({ max_tokens: z.number().int().min(0).default(1) });

export interface Decoded {
  request: MessageRequest;
  model: ModelFacts;
}

/**
 * Decodes and checks the body of `POST /v1/messages` or, with `counting`, of the token counter.
 * @throws ApiProblem 400 or 404 in the API's words.
 */
export function decodeRequest(body: unknown, headers: IncomingHttpHeaders, counting = false): Decoded {
  const decoded = (counting ? countRequestSchema : messageRequestSchema).safeParse(body);
  if (!decoded.success) {
    const issue = decoded.error.issues[0];
    throw invalid(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is invalid'}`);
  }
  const request = withFormat(decoded.data);
  const model = findModel(request.model);
  if (!model) throw new ApiProblem(404, `model: ${request.model}`);
  refuseByShape(request);
  refuseByVersion(request, model, String(headers['anthropic-version'] ?? ''));
  refuseByModel(request, model, String(headers['anthropic-beta'] ?? ''));
  return { request, model };
}

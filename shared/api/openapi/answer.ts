import type { HttpAnswer } from '../../http/answer.ts';
import { routes } from '../routes.ts';
import { createOpenApiDocument } from './document.ts';

/** Made when it is first asked for, so that a cold start does not wait for it. */
let text: string | undefined;

/** `GET /api/openapi.json` */
export function openApiAnswer(): HttpAnswer {
  text ??= JSON.stringify(createOpenApiDocument(routes));
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' },
    body: text,
  };
}

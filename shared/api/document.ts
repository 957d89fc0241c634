import { z } from 'zod';
import { defineRoute } from '../http/route.ts';

const common = { method: 'GET', access: 'anyone', dialect: 'bare' } as const;

export const openApiRoute = defineRoute({
  ...common,
  path: '/api/openapi.json',
  function: 'describe-api',
  summary: 'This description of the API, in OpenAPI 3.1',
  answers: { 200: z.looseObject({ openapi: z.string(), info: z.looseObject({ title: z.string() }) }) },
});

export const docsRoute = defineRoute({
  ...common,
  path: '/api/docs',
  function: 'show-docs',
  summary: 'A page that shows this description and sends requests',
  answers: { 200: z.string() },
  answerTypes: ['text/html'],
});

export const docsFileRoute = defineRoute({
  ...common,
  path: '/api/docs/{file}',
  function: 'show-docs-file',
  summary: 'A script or style of the page',
  params: z.object({ file: z.string() }),
  answers: { 200: z.string() },
  answerTypes: ['text/css', 'text/javascript'],
});

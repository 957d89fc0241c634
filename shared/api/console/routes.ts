import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';

const page = {
  method: 'GET',
  access: 'anyone',
  dialect: 'bare',
  answers: { 200: z.string() },
  failures: [404],
} as const;

export const consoleRoute = defineRoute({
  ...page,
  path: '/console',
  function: 'show-console',
  summary: 'The console: a page for the people who run the app',
  answerTypes: ['text/html'],
});

export const consoleViewRoute = defineRoute({
  ...page,
  path: '/console/{view}',
  function: 'show-console-view',
  summary: 'The console at one of its views',
  params: z.object({ view: z.string() }),
  answerTypes: ['text/html'],
});

export const consoleFileRoute = defineRoute({
  ...page,
  path: '/console/files/{file}',
  function: 'show-console-file',
  summary: 'A script or style of the console',
  params: z.object({ file: z.string() }),
  answerTypes: ['text/css', 'text/javascript'],
});

import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';

const file = z.looseObject({ type: z.literal('file'), id: z.string() });

const common = { access: 'user', dialect: 'anthropic' } as const;
const params = z.object({ file: z.string() });
const path = '/anthropic/v1/files/{file}';
const failures = [404, 429, 502, 504, 529] as const;

export const passNewFileRoute = defineRoute({
  ...common,
  method: 'POST',
  path: '/anthropic/v1/files',
  function: 'pass-new-file',
  // The form is the provider's to read.
  summary: 'Uploads a file (multipart/form-data with a part file) to the Anthropic API, where the app passes files on',
  answers: { 200: file },
  failures: [...failures, 413],
});

export const passFilesRoute = defineRoute({
  ...common,
  method: 'GET',
  path: '/anthropic/v1/files',
  function: 'pass-files',
  summary: "The caller's files",
  query: z.object({
    limit: z.string().optional(),
    page: z.string().optional(),
    after_id: z.string().optional(),
    before_id: z.string().optional(),
  }),
  answers: { 200: z.looseObject({ data: z.array(file), next_page: z.string().nullable() }) },
  failures,
});

export const passFileRoute = defineRoute({
  ...common,
  method: 'GET',
  path,
  function: 'pass-file',
  summary: 'What a file of the caller is',
  params,
  answers: { 200: file },
  failures,
});

export const passFileContentRoute = defineRoute({
  ...common,
  method: 'GET',
  path: `${path}/content`,
  function: 'pass-file-content',
  summary: 'The bytes of a file of the caller',
  params,
  answers: { 200: z.string() },
  answerTypes: ['application/octet-stream'],
  failures,
});

export const passFileDeleteRoute = defineRoute({
  ...common,
  method: 'DELETE',
  path,
  function: 'pass-file-delete',
  summary: 'Deletes a file of the caller',
  params,
  answers: { 200: z.looseObject({ id: z.string() }) },
  failures,
});

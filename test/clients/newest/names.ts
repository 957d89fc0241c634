/** The files of the folder `sdks` whose libraries have versions that need Node 22. */
export const newestNames = [
  'openai-chat',
  'openai-responses',
  'vercel-anthropic',
  'vercel-openai-chat',
  'vercel-openai-responses',
] as const;

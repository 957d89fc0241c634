/** The files of the folder `sdks` whose libraries have versions that need Node 22. */
export const newestNames = [
  'langchain-openai',
  'openai-agents',
  'openai-chat',
  'openai-responses',
  'vercel-anthropic',
  'vercel-openai-chat',
  'vercel-openai-responses',
] as const;

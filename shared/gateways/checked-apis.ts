/** APIs of the gateways whose calls can be checked before they are made. */
export const checkedApis = ['messages', 'chat_completions', 'responses', 'embeddings'] as const;
export type CheckedApi = (typeof checkedApis)[number];

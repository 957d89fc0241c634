import type { AnswerOf } from '../../data/routes.ts';

export type Usage = AnswerOf<'GET /api/usage'>;
export type UsageRow = Usage['rows'][number];

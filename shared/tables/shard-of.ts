import { hash } from 'node:crypto';

/** Which of so many shards (at most 256) a text belongs to, from 0; evenly, and the same in every process. */
export const shardOf = (text: string, shards: number): number => (hash('sha256', text, 'buffer')[0] ?? 0) % shards;

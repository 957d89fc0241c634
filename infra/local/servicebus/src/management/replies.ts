import rhea, { type Typed } from 'rhea';
import { settlementError } from '../links/amqp-error.ts';
import type { Reply } from '../links/request-node.ts';

const { types } = rhea;

export const ok = (body: Record<string, Typed> = {}): Reply => ({
  status: 200,
  description: 'OK',
  body: types.wrap_map(body),
});
export const noContent: Reply = { status: 204, description: 'No messages' };
export const badRequest = (description: string): Reply => ({
  status: 400,
  description,
  condition: 'com.microsoft:argument-error',
});
export const notFound = (description: string): Reply => ({
  status: 404,
  description,
  condition: 'com.microsoft:message-not-found',
});

export function lockLost(): Reply {
  const error = settlementError('lock-lost');
  return { status: 410, description: error?.description ?? '', condition: error?.condition ?? '' };
}

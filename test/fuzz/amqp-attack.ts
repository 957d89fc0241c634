import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Random } from '../../infra/local/model/src/random.ts';
import { fieldsConversation } from './amqp-fields.ts';
import { hostileConversation } from './amqp-frames.ts';

/** How long a connection stays open after its last bytes: the time in which they take effect. */
const LINGER_MS = 15;

/** Kinds of hostile connections. */
export const amqpFamilies = { amqp: hostileConversation, fields: fieldsConversation };

/** One hostile connection: writes its conversation in pieces, reads or does not read what comes, and goes in its own way. */
export async function attackAmqp(
  port: number,
  random: Random,
  conversation: (random: Random) => Buffer[] = hostileConversation,
): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed]);
  if (random.below(4) > 0) socket.resume();
  const inOnePacket = random.below(2) === 0;
  const pieces = conversation(random);
  for (const piece of inOnePacket ? [Buffer.concat(pieces)] : pieces) {
    if (socket.destroyed || !socket.writable) break;
    socket.write(piece);
    if (random.below(3) === 0) await turn();
  }
  const timer = setTimeout(() => {
    const leave = random.below(3);
    if (leave === 0) socket.end();
    if (leave === 1) socket.resetAndDestroy();
    else setTimeout(() => socket.destroy(), LINGER_MS);
  }, LINGER_MS);
  await closed;
  clearTimeout(timer);
}

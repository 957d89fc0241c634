import { createServer } from 'node:net';
import { FloorPeer } from './floor-peer.ts';

/** Tells where it listens, and ends with its parent. */
const server = createServer((socket) => void new FloorPeer(socket));
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
process.on('disconnect', () => process.exit(0));

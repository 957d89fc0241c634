import type { Random } from '../../infra/local/model/src/random.ts';
import { drawBombs } from '../large-requests/bombs.ts';
import { forged, picture } from '../support/pictures.ts';
import { bytes } from './amqp-frames.ts';
import type { HttpTarget } from './http-requests.ts';
import type { HostileRequest } from './http-wire.ts';

/** Of the megapixels that an instance decodes: enough to take a while, few enough for many attacks. */
const SHARE = 0.02;
const edges = [1, 16_383, 65_535] as const;

export type PhotoBombs = readonly [Buffer, ...Buffer[]];

/** Pictures of each format that take much to decode, and small ones whose headers say that they do. */
export async function drawPhotoBombs(): Promise<PhotoBombs> {
  const [jpeg, ...others] = await Promise.all(
    (['jpeg', 'png', 'webp', 'avif'] as const).map((format) => picture(format)),
  );
  if (!jpeg) throw new Error('No picture was drawn.');
  const lies = [jpeg, ...others].flatMap((small) =>
    edges.flatMap((width) => edges.map((height) => forged(small, width, height))),
  );
  const gif = await picture('gif');
  const wideGif = Buffer.from(gif);
  wideGif.writeUInt32LE(0xffffffff, 6);
  const drawn = await drawBombs(SHARE);
  return [jpeg, ...others, gif, wideGif, ...lies, ...drawn.map((bomb) => bomb.bytes)];
}

/** A picture as it is, cut, with changed bytes, with another's rest, or with a tail. */
function bentPhoto(random: Random, bombs: PhotoBombs): Buffer {
  const photo = random.pick(bombs);
  const at = random.below(photo.length);
  switch (random.below(6)) {
    case 0:
      return photo.subarray(0, at);
    case 1: {
      const changed = Buffer.from(photo);
      for (let left = 1 + random.below(8); left > 0; left--) changed[random.below(photo.length)] = random.below(256);
      return changed;
    }
    case 2:
      return Buffer.concat([photo.subarray(0, at), random.pick(bombs).subarray(at)]);
    case 3:
      return Buffer.concat([photo, bytes(random, random.below(500))]);
    default:
      return photo;
  }
}

const types = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'text/plain', ''] as const;

/** A whole request that carries such pictures: as a form, as JSON, or as a message for the gateway. */
export function bombRequest(random: Random, target: HttpTarget, bombs: PhotoBombs): HostileRequest {
  const photos = Array.from({ length: 1 + random.below(3) }, () => bentPhoto(random, bombs));
  const kind = random.pick(['form', 'form', 'json', 'message']);
  const [path, type, body] =
    kind === 'form'
      ? (['/api/analyze', 'multipart/form-data; boundary=bomb', formOf(random, photos)] as const)
      : kind === 'json'
        ? (['/api/analyze', 'application/json', jsonOf({ images: photos.map(base64) })] as const)
        : (['/anthropic/v1/messages', 'application/json', jsonOf(messageOf(random, photos))] as const);
  const headers = Object.entries({
    host: '127.0.0.1',
    connection: 'close',
    'content-type': type,
    'content-length': String(body.length),
    ...target.headers,
  });
  const method = 'POST';
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const sent = { method, target: path, headers, content: body };
  return { head: `${method} ${path} HTTP/1.1\r\n${lines}\r\n`, body, whole: true, overLimit: false, sent };
}

const base64 = (photo: Buffer): string => photo.toString('base64');
const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function formOf(random: Random, photos: Buffer[]): Buffer {
  const parts = photos.flatMap((photo) => [
    Buffer.from('--bomb\r\nContent-Disposition: form-data; name="images"; filename="a"\r\n'),
    Buffer.from(`Content-Type: ${random.pick(types)}\r\n\r\n`),
    photo,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...parts, Buffer.from('--bomb--\r\n')]);
}

const messageOf = (random: Random, photos: Buffer[]) => ({
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  messages: [
    {
      role: 'user',
      content: photos.map((photo) => ({
        type: 'image',
        source: { type: 'base64', media_type: random.pick(types), data: base64(photo) },
      })),
    },
  ],
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';
import { file, form, picture } from '../support/pictures.ts';

/** Forms and base64 as HTTP clients write them: each reaches the model. */
let app: TestApp;
let jpeg: Buffer;
let webp: Buffer;
beforeAll(async () => {
  app = await startTestApp();
  jpeg = await picture('jpeg');
  webp = await picture('webp');
});
afterEach(() => app.model.reset());
afterAll(() => app.close());

const NAMED = 'form-data; name="images"; filename="a.jpg"';

interface Part {
  head: string[];
  body?: Buffer;
}

/** The bytes of a form around its parts. */
function written(parts: Part[], { before = '', after = '\r\n', boundary = 'b1' } = {}): Uint8Array<ArrayBuffer> {
  const pieces = parts.flatMap(({ head, body = jpeg }) => [
    Buffer.from(`--${boundary}\r\n${head.join('\r\n')}\r\n\r\n`),
    body,
    Buffer.from('\r\n'),
  ]);
  return new Uint8Array(Buffer.concat([Buffer.from(before), ...pieces, Buffer.from(`--${boundary}--${after}`)]));
}

const photo = (...head: string[]): Part => ({ head });
const model: Part = {
  head: ['Content-Disposition: form-data; name="model"'],
  body: Buffer.from('claude-sonnet-5-5'),
};

const send = (body: Uint8Array<ArrayBuffer>, boundary = 'b1') =>
  app.call('analyze', { body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } });

/** How many images the model got. */
function imagesSent(): number {
  const [call] = app.model.calls();
  const body = call?.body as { messages: { content: { type: string }[] }[] } | undefined;
  return body?.messages[0]?.content.filter(({ type }) => type === 'image').length ?? 0;
}

const disposition = (parameters: string) => `Content-Disposition: form-data; name="images"; ${parameters}`;
const forms: [string, () => Uint8Array<ArrayBuffer>, number][] = [
  [
    '.NET: bare parameters, then filename*',
    () =>
      written([
        photo(
          'Content-Type: image/jpeg',
          "Content-Disposition: form-data; name=images; filename=a.jpg; filename*=utf-8''a.jpg",
        ),
        {
          head: ['Content-Type: text/plain; charset=utf-8', 'Content-Disposition: form-data; name=model'],
          body: Buffer.from('claude-sonnet-5-5'),
        },
      ]),
    1,
  ],
  ['Python: filename* alone', () => written([photo(disposition("filename*=utf-8''%C3%A4.jpg")), model]), 1],
  ['curl: escaped quotes', () => written([photo(disposition('filename="a\\"b.jpg"')), model]), 1],
  ['browsers: quotes as %22', () => written([photo(disposition('filename="a%22b.jpg"')), model]), 1],
  ['a preamble', () => written([photo(disposition('filename="a"')), model], { before: 'for old mail\r\n\r\n' }), 1],
  ['an epilogue', () => written([photo(disposition('filename="a"')), model], { after: '\r\nthe end\r\n' }), 1],
  [
    'a photo behind the end',
    () => {
      const one = written([photo(disposition('filename="a"')), model]);
      return new Uint8Array(Buffer.concat([one, written([photo(disposition('filename="b"'))])]));
    },
    1,
  ],
  ['no line break at the end', () => written([photo(disposition('filename="a"')), model], { after: '' }), 1],
  ...[
    '',
    'application/octet-stream',
    'image/*',
    'image/jpeg; name="a.jpg"',
    'image/png',
    'text/plain',
    'IMAGE/JPEG',
  ].map((type): [string, () => Uint8Array<ArrayBuffer>, number] => [
    `type "${type}"`,
    () => written([photo(`Content-Disposition: ${NAMED}`, ...(type === '' ? [] : [`Content-Type: ${type}`])), model]),
    1,
  ]),
  [
    'WebP that is called .jpg',
    () => written([{ head: [`Content-Disposition: ${NAMED}`, 'Content-Type: image/jpeg'], body: webp }, model]),
    1,
  ],
  [
    'a file input that nobody used',
    () =>
      written([
        photo(`Content-Disposition: ${NAMED}`),
        { head: [disposition('filename=""'), 'Content-Type: application/octet-stream'], body: Buffer.alloc(0) },
        model,
      ]),
    1,
  ],
  [
    'images[], twice',
    () =>
      written([
        photo('Content-Disposition: form-data; name="images[]"; filename="a.jpg"'),
        photo('Content-Disposition: form-data; name="images[]"; filename="b.jpg"'),
        model,
      ]),
    2,
  ],
  [
    'numbered images',
    () =>
      written([
        photo('Content-Disposition: form-data; name="images[0]"; filename="a.jpg"'),
        photo('Content-Disposition: form-data; name="images[1]"; filename="b.jpg"'),
        model,
      ]),
    2,
  ],
  ['no file name', () => written([photo('Content-Disposition: form-data; name="images"'), model]), 1],
  [
    'JSON as a Blob',
    () =>
      written([
        photo(`Content-Disposition: ${NAMED}`),
        model,
        {
          head: ['Content-Disposition: form-data; name="context"; filename="blob"', 'Content-Type: application/json'],
          body: Buffer.from('{"trailName":"Rubicon Trail"}'),
        },
      ]),
    1,
  ],
];

test.each(forms)('%s', async (_name, body, images) => {
  const response = await send(body());
  expect(await envelope(response)).toMatchObject({ success: true });
  expect(imagesSent()).toBe(images);
});

test('a boundary in quotes', async () => {
  const body = written([photo(`Content-Disposition: ${NAMED}`), model], { boundary: "a'(b)+/=?" });
  expect((await send(body, `"a'(b)+/=?"`)).status).toBe(200);
});

describe('refused forms', () => {
  const cut = () => written([photo(`Content-Disposition: ${NAMED}`)]).subarray(0, -20);
  test.each([
    ['it breaks off in a photo', cut, 400],
    ['it has more than 100 parts', () => written(Array(101).fill(model)), 400],
    ['a text is very long', () => written([{ ...model, body: Buffer.alloc(300_000, 'x') }]), 400],
    ['nothing but the end', () => written([]), 400],
    [
      'too many bytes behind the end',
      () => written([photo(`Content-Disposition: ${NAMED}`), model], { after: '\0'.repeat(85_000_000) }),
      413,
    ],
  ])('%s', async (_name, body, status) => {
    expect((await send(body())).status).toBe(status);
    expect(app.model.calls()).toEqual([]);
  });

  test('no boundary', async () => {
    const headers = { 'content-type': 'multipart/form-data' };
    expect((await app.call('analyze', { body: written([]), headers })).status).toBe(400);
  });
});

test('more images than allowed are counted', async () => {
  const body = form({ model: 'claude-sonnet-5-5', images: Array(12).fill(file(jpeg, 'image/jpeg')) });
  const { error } = await envelope(await app.call('analyze', { body }));
  expect(error).toBe('Too many images (12). Maximum is 8.');
});

test('an image beyond 32 MB is measured', async () => {
  const large = file(Buffer.concat([jpeg, Buffer.alloc(34_000_000)]), 'image/jpeg');
  const { error } = await envelope(await app.call('analyze', { body: form({ images: large }) }));
  expect(error).toBe('Image 1 is too large (32.4MB). Maximum size is 32MB per image.');
});

describe('base64 in JSON', () => {
  const lines = (text: string): string => text.replace(/.{76}/g, '$&\r\n');
  test.each([
    ['line breaks', (bytes: Buffer) => lines(bytes.toString('base64'))],
    ['base64url without padding', (bytes: Buffer) => bytes.toString('base64url')],
    ['a final newline', (bytes: Buffer) => `${bytes.toString('base64')}\n`],
    ['a data URL with line breaks', (bytes: Buffer) => `data:image/jpeg;base64,\n${lines(bytes.toString('base64'))}\n`],
    ['a data URL without a type', (bytes: Buffer) => `data:;base64,${bytes.toString('base64')}`],
    ['a data URL with a name', (bytes: Buffer) => `data:image/jpeg;name=a.jpg;base64,${bytes.toString('base64')}`],
    ['a wrong type', (bytes: Buffer) => `data:image/png;base64,${bytes.toString('base64')}`],
  ])('%s', async (_name, write) => {
    const response = await app.call('analyze', { json: { images: [write(jpeg)], model: 'claude-sonnet-5-5' } });
    expect(await envelope(response)).toMatchObject({ success: true });
  });
});

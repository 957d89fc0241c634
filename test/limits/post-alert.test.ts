import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { alertOf } from '../../shared/limits/alerts/alert.ts';
import { accessKeyHeaders, emailReceiver } from '../../shared/limits/alerts/alert-email.ts';
import { postAlert, type Resolve } from '../../shared/limits/alerts/post-alert.ts';
import { isPublicAddress } from '../../shared/limits/alerts/public-address.ts';
import { alertMessageId, signedHeaders, webhookSecretPattern } from '../../shared/limits/alerts/sign-alert.ts';
import { newState } from '../../shared/limits/state/limit-rows.ts';

describe('an address', () => {
  test.each(['8.8.8.8', '20.50.2.1', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '2a01:111:f100::1'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each([
    ['this machine', ['127.0.0.1', '127.9.9.9', '::1', '0.0.0.0', '::']],
    [
      'a private network',
      ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12::1', '100.64.0.1'],
    ],
    ['a link, and where clouds have metadata', ['169.254.169.254', 'fe80::1', '168.63.129.16']],
    [
      'an IPv4 address in IPv6',
      ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:1::'],
    ],
    [
      'nobody or many',
      ['224.0.0.1', '255.255.255.255', '240.0.0.1', 'ff02::1', '192.0.2.1', '198.18.0.1', '2001:db8::1'],
    ],
  ])('of %s is not public', (_, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });
});

describe('a post', () => {
  const got: { method: string; path: string; body: string; type: string }[] = [];
  let answer: { status: number; headers: Record<string, string> } = { status: 200, headers: {} };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      got.push({ method, path: url, body, type: headers['content-type'] ?? '' });
      response.writeHead(answer.status, answer.headers).end('an answer');
    });
  });
  let port = 0;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => void server.close());
  beforeEach(() => {
    got.length = 0;
    answer = { status: 200, headers: {} };
  });

  const resolveTo =
    (...addresses: string[]): Resolve =>
    (_, __, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  const post = (host: string, facts: { allowPrivate?: boolean; resolve?: Resolve } = {}) =>
    postAlert({
      url: `http://${host}:${port}/hook?token=1`,
      body: '{"a":"ä"}',
      headers: { 'x-one': '1' },
      allowPrivate: facts.allowPrivate ?? false,
      timeoutMs: 60_000,
      ...(facts.resolve && { resolve: facts.resolve }),
    });

  test('has the body as JSON, and gives the status', async () => {
    answer = { status: 202, headers: {} };
    expect(await post('127.0.0.1', { allowPrivate: true })).toBe(202);
    expect(got).toEqual([{ method: 'POST', path: '/hook?token=1', body: '{"a":"ä"}', type: 'application/json' }]);
  });

  test('follows no redirect', async () => {
    answer = { status: 307, headers: { location: `http://127.0.0.1:${port}/elsewhere` } };
    expect(await post('127.0.0.1', { allowPrivate: true })).toBe(307);
    expect(got).toHaveLength(1);
  });

  test.each([
    '127.0.0.1',
    '[::1]',
    '0x7f.1',
    '2130706433',
    '127.1',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    '10.1.2.3',
  ])('to %s is refused', async (host) => {
    await expect(post(host)).rejects.toMatchObject({ code: 'private_target' });
    expect(got).toEqual([]);
  });

  test.each([
    ['localhost', undefined],
    ['hook.example', resolveTo('127.0.0.1')],
    ['hook.example', resolveTo('93.184.216.34', '127.0.0.1')],
    ['hook.example', resolveTo('fe80::1')],
  ])('to %s is refused where the name leads to a private address', async (host, resolve) => {
    await expect(post(host, resolve && { resolve })).rejects.toMatchObject({ code: 'private_target' });
    expect(got).toEqual([]);
  });

  test('goes to the address that was looked up, and looks up once', async () => {
    let lookups = 0;
    const resolve: Resolve = (_, __, done) => {
      lookups++;
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    expect(await post('hook.example', { allowPrivate: true, resolve })).toBe(200);
    expect([lookups, got.length]).toEqual([1, 1]);
  });
});

test('an e-mail is a request that Azure Communication Services takes', () => {
  const url = 'https://mail.communication.azure.com/emails:send?api-version=2023-03-31';
  const key = Buffer.alloc(32, 7).toString('base64');
  const atMs = Date.parse('2026-11-23T12:00:00Z');
  // Made with the package `@azure/communication-common`.
  expect(accessKeyHeaders(url, '{"a":"ä"}', atMs, key)).toEqual({
    'x-ms-date': 'Mon, 23 Nov 2026 12:00:00 GMT',
    'x-ms-content-sha256': 'RudoTEsZRBFefyJ8ny0SdaPt94BqQNUj0cd+Dfl7NDI=',
    authorization:
      'HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=rzmeJIFK8WdSmRPv9GK/OqA45/vLTk9DktTzXDoQqKM=',
  });
  const connection = `endpoint=https://mail.communication.azure.com/;accesskey=${key}`;
  const receiver = emailReceiver({ connection, from: 'from@example.com', to: ['a@example.com', 'b@example.com'] });
  const state = { ...newState('daily:2026-11-23'), settledNano: 4n, maxNano: 5n, level: 1, levelAtMs: atMs };
  const request = receiver.requestOf(alertOf(state, 'level', atMs), atMs);
  expect(request.url).toBe(url);
  expect(request.headers).toEqual(accessKeyHeaders(url, request.body, atMs, key));
  expect(JSON.parse(request.body)).toEqual({
    senderAddress: 'from@example.com',
    recipients: { to: [{ address: 'a@example.com' }, { address: 'b@example.com' }] },
    content: {
      subject: 'Limit daily:2026-11-23 is past its threshold',
      plainText: expect.stringContaining('Resets: 2026-11-24T00:00:00.000Z'),
    },
    userEngagementTrackingDisabled: true,
  });
  expect(receiver.name).toMatch(/^[0-9a-f]{16}$/);
});

describe('a signature', () => {
  test('is that of Standard Webhooks', () => {
    // Made with the package `standardwebhooks`.
    expect(
      signedHeaders(
        'msg_p5jXN8AQM9LWM0D4loKWxJek',
        '{"test": 2432232314}',
        1_614_265_330_900,
        'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      ),
    ).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('has an id without dots, the same for the same alert', () => {
    expect(alertMessageId('daily:2026-11-23.7d 0 ok 1')).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(alertMessageId('a')).toBe(alertMessageId('a'));
    expect(alertMessageId('a')).not.toBe(alertMessageId('b'));
  });

  test.each([
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', true],
    ['whsec_c2hvcnQ=', false],
    ['secret', false],
  ])('with %s as its secret: %s', (secret, isOne) => {
    expect(webhookSecretPattern.test(secret)).toBe(isOne);
  });
});

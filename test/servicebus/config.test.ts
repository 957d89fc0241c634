import { describe, expect, test } from 'vitest';
import { decodeConfig } from '../../infra/local/servicebus/config.ts';

const withQueue = (Properties: object, Name = 'queue.1') => ({
  UserConfig: { Namespaces: [{ Name: 'sbemulatorns', Queues: [{ Name, Properties }] }], Logging: { Type: 'File' } },
});

describe("the emulator's Config.json", () => {
  test('a whole one, with topics that are read over', () => {
    const config = withQueue({
      DeadLetteringOnMessageExpiration: true,
      DefaultMessageTimeToLive: 'PT1H',
      DuplicateDetectionHistoryTimeWindow: 'PT20S',
      ForwardDeadLetteredMessagesTo: '',
      ForwardTo: '',
      LockDuration: 'PT1M30S',
      MaxDeliveryCount: 10,
      RequiresDuplicateDetection: true,
      RequiresSession: false,
    });
    expect(decodeConfig(config).queues).toEqual([
      {
        name: 'queue.1',
        deadLetterOnExpiry: true,
        defaultTtlMs: 3_600_000,
        duplicateWindowMs: 20_000,
        lockDurationMs: 90_000,
        maxDeliveryCount: 10,
      },
    ]);
  });

  test("the emulator's defaults", () => {
    expect(decodeConfig(withQueue({})).queues).toEqual([
      {
        name: 'queue.1',
        deadLetterOnExpiry: false,
        defaultTtlMs: 3_600_000,
        duplicateWindowMs: undefined,
        lockDurationMs: 60_000,
        maxDeliveryCount: 3,
      },
    ]);
  });

  test.each([
    [{ MaxDeliveryCount: 11 }, 'MaxDeliveryCount', '10'],
    [{ DefaultMessageTimeToLive: 'P14D' }, 'DefaultMessageTimeToLive', 'from PT5M to PT1H, got "P14D"'],
    [{ LockDuration: 'PT4S' }, 'LockDuration', 'from PT5S to PT5M'],
    [{ DuplicateDetectionHistoryTimeWindow: 'one minute' }, 'DuplicateDetectionHistoryTimeWindow', 'ISO 8601'],
    [{ RequiresSession: true }, 'RequiresSession', 'sessions are not served'],
    [{ ForwardTo: 'other' }, 'ForwardTo', 'leave it empty'],
    [{ LockDurations: 'PT1M' }, 'Properties', 'LockDurations'],
  ])('%o is refused by key and range', (properties, key, range) => {
    expect(() => decodeConfig(withQueue(properties))).toThrow(key);
    expect(() => decodeConfig(withQueue(properties))).toThrow(range);
  });

  test('a name that no queue may have', () => {
    expect(() => decodeConfig(withQueue({}, '-q-'))).toThrow('Queues.0.Name');
  });
});

import { describe, expect, test } from 'vitest';
import { decodeConfig } from '../src/config.ts';

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

  test('topics, subscriptions and rules as the official sample has them: read over, but named', () => {
    const filter = {
      ContentType: 'application/text',
      CorrelationId: 'id1',
      Label: 'subject1',
      Properties: { prop3: 'value3' },
    };
    const subscription = {
      DeadLetteringOnMessageExpiration: false,
      DefaultMessageTimeToLive: 'PT1H',
      ForwardDeadLetteredMessagesTo: '',
      ForwardTo: '',
      LockDuration: 'PT1M',
      MaxDeliveryCount: 3,
      RequiresSession: false,
    };
    const Rules = [
      { Name: 'app-prop-filter-1', Properties: { FilterType: 'Correlation', CorrelationFilter: filter } },
      {
        Name: 'sql',
        Properties: {
          FilterType: 'Sql',
          SqlFilter: { SqlExpression: "a = 'b'" },
          Action: { SqlExpression: 'SET c = 1' },
        },
      },
    ];
    const Topics = [
      {
        Name: 'topic.1',
        Properties: {
          DefaultMessageTimeToLive: 'PT1H',
          DuplicateDetectionHistoryTimeWindow: 'PT20S',
          RequiresDuplicateDetection: false,
        },
        Subscriptions: [
          { Name: 'subscription.1', Properties: subscription, Rules },
          { Name: 'subscription.3', Properties: { ...subscription, ForwardTo: 'queue.1' } },
        ],
      },
    ];
    const { UserConfig } = withQueue({});
    const Namespaces = UserConfig.Namespaces.map((each) => ({ ...each, Topics }));
    const decoded = decodeConfig({ UserConfig: { ...UserConfig, Namespaces } });
    expect(decoded.queues.map(({ name }) => name)).toEqual(['queue.1']);
    expect(decoded.topics).toEqual(['topic.1']);
  });

  test.each([
    [{}, 'UserConfig'],
    [{ UserConfig: { Namespaces: [] } }, 'UserConfig.Namespaces'],
    [{ UserConfig: { Namespaces: [{ Name: 'mine' }] } }, 'sbemulatorns'],
    [{ UserConfig: { Namespaces: [{ Name: 'sbemulatorns' }], Logging: { Type: 'Paper' } } }, 'Logging.Type'],
    [{ UserConfig: { Namespaces: [{ Name: 'sbemulatorns', Topics: [{}] }] } }, 'Topics.0.Name'],
    ['a text', 'object'],
  ])('%j is refused by its key', (json, key) => {
    expect(() => decodeConfig(json)).toThrow(key);
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

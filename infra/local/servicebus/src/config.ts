import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { TrailmeterError } from '../../../../shared/errors/trailmeter-error.ts';
import type { QueueRules } from './queue/queue-rules.ts';

/** What the broker serves. */
export interface BrokerConfig {
  queues: QueueConfig[];
  /** Names of topics that a file asks for. They are not served: say so to whoever wrote the file. */
  topics?: string[];
  /** The largest message, bytes. The standard tier has 262,144. */
  maxMessageBytes?: number;
}

/**
 * One queue. Built in code, it may have any value that the service itself allows (a life of 14 days, say);
 * the file format of the official emulator has narrower ranges, and `decodeConfig` keeps to those.
 * What is left out has the default of the service.
 */
export interface QueueConfig extends Partial<QueueRules> {
  name: string;
}

const MINUTE = 60_000;

const serviceDefaults: QueueRules = {
  lockDurationMs: MINUTE,
  maxDeliveryCount: 10,
  defaultTtlMs: Infinity,
  deadLetterOnExpiry: false,
  duplicateWindowMs: undefined,
  maxBytes: 1_073_741_824,
};

/** All rules of a queue. */
export const rulesOf = ({ name: _, ...rules }: QueueConfig): QueueRules => ({ ...serviceDefaults, ...rules });

/** The broker cannot serve what its configuration asks for. */
export class BrokerConfigError extends TrailmeterError {
  constructor(problems: readonly string[]) {
    super('broker_config_wrong', `The configuration of the Service Bus broker is wrong:\n${problems.join('\n')}`, {
      status: 500,
    });
  }
}

/** An ISO 8601 duration of whole numbers, in ms; years and months, which the format allows, have 365 and 30 days. */
function durationMs(text: string): number | undefined {
  const match = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match || /[PT]$/.test(text)) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return ((((years * 365 + months * 30 + weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}

/** A duration between two others, as the emulator's schema has it. */
const duration = (from: string, to: string, otherwise: string) =>
  z
    .string()
    .default(otherwise)
    .transform((text, context) => {
      const [value, low, high] = [durationMs(text), durationMs(from), durationMs(to)];
      if (value !== undefined && low !== undefined && high !== undefined && value >= low && value <= high) return value;
      context.addIssue({
        code: 'custom',
        message: `must be an ISO 8601 duration from ${from} to ${to}, got ${JSON.stringify(text)}`,
      });
      return z.NEVER;
    });

const none = z.literal('', { error: 'forwarding is not served here: leave it empty' }).default('');

const propertiesSchema = z.strictObject({
  DeadLetteringOnMessageExpiration: z.boolean().default(false),
  DefaultMessageTimeToLive: duration('PT5M', 'PT1H', 'PT1H'),
  DuplicateDetectionHistoryTimeWindow: duration('PT5S', 'PT5M', 'PT20S'),
  ForwardDeadLetteredMessagesTo: none,
  ForwardTo: none,
  LockDuration: duration('PT5S', 'PT5M', 'PT1M'),
  MaxDeliveryCount: z.int().min(1).max(10).default(3),
  RequiresDuplicateDetection: z.boolean().default(false),
  RequiresSession: z.literal(false, { error: 'sessions are not served here: set it to false' }).default(false),
});

const nameSchema = z
  .string()
  .max(260)
  .regex(/^[A-Za-z0-9]$|^[A-Za-z0-9][\w./-]*[A-Za-z0-9]$/, 'must be letters, digits, and _ . / - between them');

const queueSchema = z.strictObject({
  Name: nameSchema,
  Properties: propertiesSchema.prefault({}),
});

const configSchema = z.object({
  UserConfig: z.object({
    Namespaces: z
      .array(
        z.object({
          Name: z.literal('sbemulatorns'),
          Queues: z.array(queueSchema).max(50).default([]),
          // This broker serves queues only: of a topic it reads no more than its name.
          Topics: z
            .array(z.object({ Name: nameSchema }))
            .max(50)
            .default([]),
        }),
      )
      .length(1),
    Logging: z.object({ Type: z.enum(['File', 'Console', 'File,Console', 'Console,File']) }).optional(),
  }),
});

/**
 * Decodes the `Config.json` of the official Service Bus emulator, with its defaults (delivery count 3, life 1 h) and its
 * ranges, so that one file serves both. Of topics only the names are read.
 * @throws BrokerConfigError naming each wrong key with what it may be
 */
export function decodeConfig(json: unknown): BrokerConfig {
  const decoded = configSchema.safeParse(json);
  if (!decoded.success) {
    throw new BrokerConfigError(decoded.error.issues.map(({ path, message }) => `- ${path.join('.')}: ${message}`));
  }
  const queues = decoded.data.UserConfig.Namespaces.flatMap(({ Queues }) => Queues).map(({ Name, Properties }) => ({
    name: Name,
    lockDurationMs: Properties.LockDuration,
    maxDeliveryCount: Properties.MaxDeliveryCount,
    defaultTtlMs: Properties.DefaultMessageTimeToLive,
    deadLetterOnExpiry: Properties.DeadLetteringOnMessageExpiration,
    duplicateWindowMs: Properties.RequiresDuplicateDetection
      ? Properties.DuplicateDetectionHistoryTimeWindow
      : undefined,
  }));
  const topics = decoded.data.UserConfig.Namespaces.flatMap(({ Topics }) => Topics.map(({ Name }) => Name));
  return { queues, topics };
}

/** Reads a `Config.json`. @throws BrokerConfigError when it cannot be read or is wrong */
export function readConfig(file: string): BrokerConfig {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new BrokerConfigError([`- ${file}: ${error instanceof Error ? error.message : String(error)}`]);
  }
  return decodeConfig(json);
}

import type { PayiClient } from '../payi/client.ts';
import type { LimitConfig, UseCaseDefinition } from '../payi/definitions.ts';
import type { InstanceLimit, UseCase } from '../use-cases/use-case.ts';
import { changesTo, foundWith, type SetupChange, type SetupOutcome } from './item.ts';

/** Makes a definition equal to ours. Without `write` it only says what would be done. @throws PayiError */
export async function setUpUseCase(payi: PayiClient, wanted: UseCase, write: boolean): Promise<SetupOutcome> {
  const { name, description } = wanted;
  const found = await payi.definitions.get(name);
  if (!found) {
    const limit_config = wanted.instanceLimit && configOf(wanted.instanceLimit);
    if (write) await payi.definitions.create({ name, description, ...(limit_config && { limit_config }) });
    await raiseVersion(payi, wanted, 1, write);
    return { result: 'created' };
  }
  const changes = changesTo({ description }, found as { description?: string });
  if (write && changes.length > 0) await payi.definitions.update(name, { description });
  changes.push(...(await setInstanceLimit(payi, wanted, found, write)));
  const version = found.type_version ?? 1;
  if (version < wanted.version) {
    await raiseVersion(payi, wanted, version, write);
    changes.push({ member: 'version', from: version, to: wanted.version });
  }
  const ahead = version > wanted.version ? `Pay-i has version ${version} already; versions never go down` : undefined;
  return foundWith(changes, ahead);
}

async function setInstanceLimit(
  payi: PayiClient,
  { name, instanceLimit }: UseCase,
  found: UseCaseDefinition,
  write: boolean,
): Promise<SetupChange[]> {
  if (!instanceLimit) return [];
  const config = configOf(instanceLimit);
  const has = (found.limit_config ?? {}) as Record<string, string | number | null>;
  const changes = changesTo({ ...config }, has);
  // One without a threshold replaces one that has it, which no member of the new one shows.
  if (config.threshold === undefined && typeof has['threshold'] === 'number')
    changes.push({ member: 'threshold', from: has['threshold'], to: 'none' });
  if (write && changes.length > 0) await payi.definitions.setLimitConfig(name, config);
  return changes.map((change) => ({ ...change, member: `limit_config.${change.member}` }));
}

const configOf = ({
  maxUsd,
  threshold,
}: InstanceLimit): { max: number } & Pick<LimitConfig, 'threshold'> & {
    limit_type: 'allow';
  } => ({ max: maxUsd, limit_type: 'allow', ...(threshold !== undefined && { threshold }) });

/** Looks at the version that each step led to, so that two set-ups at once don't raise it too far. */
async function raiseVersion(payi: PayiClient, { name, version }: UseCase, from: number, write: boolean) {
  let now = from;
  while (write && now < version) now = (await payi.definitions.incrementVersion(name)).type_version ?? now + 1;
}

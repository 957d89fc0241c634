import type { Az } from './az.ts';

/** What the command writes on a resource group that it creates, so that it deletes no other one. */
interface Marks {
  app: string;
  environment: string;
}

interface Group {
  location: string;
  tags?: Record<string, string> | null;
}

const findGroup = async (az: Az, subscriptionId: string, name: string): Promise<Group | undefined> => {
  const there = await az<boolean>('group exists', { name, subscription: subscriptionId });
  return there ? az<Group>('group show', { name, subscription: subscriptionId }) : undefined;
};

/** The region of the resource group, which is created when it is missing. @throws Error when the region is not known */
export async function ensureGroup(
  az: Az,
  subscriptionId: string,
  name: string,
  marks: Marks,
  location: string | undefined,
): Promise<{ location: string; found: string }> {
  const group = await findGroup(az, subscriptionId, name);
  if (group) {
    if (location !== undefined && location !== group.location)
      throw new Error(
        `The resource group ${name} is in ${group.location}. Leave --location out, or name another --group.`,
      );
    return { location: group.location, found: `${name} in ${group.location}` };
  }
  if (location === undefined)
    throw new Error(`There is no resource group ${name}. Say where to create it: --location westeurope`);
  const tags = [`app=${marks.app}`, `environment=${marks.environment}`];
  await az('group create', { name, location, tags, subscription: subscriptionId });
  return { location, found: `created ${name} in ${location}` };
}

/** Deletes a resource group that this command created, with all that is in it. */
export async function deleteGroup(
  az: Az,
  subscriptionId: string,
  name: string,
  marks: Marks,
  confirm: (resources: string[]) => Promise<void>,
): Promise<string> {
  const group = await findGroup(az, subscriptionId, name);
  if (!group) return `there is no resource group ${name}`;
  if (group.tags?.['app'] !== marks.app || group.tags['environment'] !== marks.environment)
    throw new Error(
      `${name} was not created by this command for ${marks.environment}, so it may hold other things. Delete it yourself: az group delete --name ${name}`,
    );
  const query = '[].{type: type, name: name}';
  const resources = await az<{ type: string; name: string }[]>('resource list', {
    'resource-group': name,
    subscription: subscriptionId,
    query,
  });
  await confirm(resources.map((resource) => `${resource.type} ${resource.name}`).sort());
  await az('group delete', { name, yes: true, subscription: subscriptionId });
  return `deleted ${name} with ${resources.length} resources`;
}

import { notFound } from '../errors/request-errors.ts';
import type { Caller } from '../identity/caller.ts';
import { refuseUseCase } from '../identity/keys/key-grant.ts';
import type { InstanceStore } from './instance-store.ts';

/**
 * Whether the caller may add to what is known of an instance. Instances of which nothing is kept here (plans, calls through the
 * gateways) are known by their ids alone, which only their callers got.
 * @throws RequestError 403 when the caller's key is not for the use case; 404 when it is another user's
 */
export async function refuseForeignInstance(
  instances: InstanceStore,
  caller: Caller,
  { name, id }: { name: string; id: string },
): Promise<void> {
  refuseUseCase(caller.key, name);
  if (caller.role === 'admin') return;
  const instance = await instances.find(name, id);
  if (instance && instance.userId !== caller.userId) throw notFound('Instance');
}

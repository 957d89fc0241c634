import { client, unreachable } from './client.ts';

/** Shows the user's limits: what is spent, what calls in flight hold and what is left (USD); of limits that users share, whether they have room. */
export async function showLimits(list: HTMLElement): Promise<void> {
  const { data, error } = await client.GET('/api/limits').catch(() => ({ data: undefined, error: unreachable }));
  const lines = data?.data.limits.map((limit) =>
    'spentUsd' in limit
      ? `${limit.policy}: ${limit.spentUsd.toFixed(4)} of ${limit.maxUsd} USD spent, ${limit.heldUsd.toFixed(4)} held, ${limit.leftUsd.toFixed(4)} left (${limit.state})`
      : `${limit.policy}: ${limit.state === 'ok' ? 'has room' : 'has no room'}`,
  ) ?? [error?.error ?? ''];
  list.replaceChildren(
    ...lines.map((text) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }),
  );
}

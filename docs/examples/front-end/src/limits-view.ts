import { client, unreachable } from './client.ts';

/** Shows the user's limits: what is spent, what calls hold now, and what is left. USD. */
export async function showLimits(list: HTMLElement): Promise<void> {
  const { data, error } = await client.GET('/api/limits').catch(() => ({ data: undefined, error: unreachable }));
  const lines = data?.data.limits.map(
    ({ policy, spentUsd, heldUsd, maxUsd, state }) =>
      `${policy}: ${spentUsd.toFixed(4)} of ${maxUsd} USD spent, ${heldUsd.toFixed(4)} held (${state})`,
  ) ?? [error?.error ?? ''];
  list.replaceChildren(
    ...lines.map((text) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }),
  );
}

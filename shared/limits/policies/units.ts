import { fromUsd, toUsd } from '../../util/money.ts';

/** What a limit can count. Amounts are integers in the unit's smallest step: nano-USD, or pieces. */
export const countUnits = ['tokens', 'input_tokens', 'output_tokens', 'requests', 'images', 'web_searches'] as const;
export type CountUnit = (typeof countUnits)[number];
export const units = ['usd', ...countUnits] as const;
export type LimitUnit = (typeof units)[number];

/** What a call can use at most, or has used. */
export interface CallAmounts {
  nanoUsd: bigint;
  /** Cached ones too. */
  inputTokens: bigint;
  outputTokens: bigint;
  /** A call is one, with all attempts that its client makes of it. */
  requests: bigint;
  /** In the request. */
  images: bigint;
  webSearches: bigint;
}

/** What a call has used; null: its price is not known. */
export type CallUse = Omit<CallAmounts, 'nanoUsd'> & { nanoUsd: bigint | null };

export const noAmounts: CallAmounts = {
  nanoUsd: 0n,
  inputTokens: 0n,
  outputTokens: 0n,
  requests: 0n,
  images: 0n,
  webSearches: 0n,
};

const names = Object.keys(noAmounts) as (keyof CallAmounts)[];

export function sumOfAmounts(one: CallAmounts, other: CallAmounts): CallAmounts {
  const sum = { ...one };
  for (const name of names) sum[name] += other[name];
  return sum;
}

/** Once the price of one is not known, that of both is not. */
export function sumOfUses(one: CallUse, other: CallUse): CallUse {
  const sum = sumOfAmounts({ ...one, nanoUsd: one.nanoUsd ?? 0n }, { ...other, nanoUsd: other.nanoUsd ?? 0n });
  return one.nanoUsd === null || other.nanoUsd === null ? { ...sum, nanoUsd: null } : sum;
}

/** The least of each amount. */
export function leastAmounts(one: CallAmounts, other: CallAmounts): CallAmounts {
  const least = { ...one };
  for (const name of names) if (other[name] < one[name]) least[name] = other[name];
  return least;
}

/** True where one of the amounts is less. */
export const isAnyLess = (one: CallAmounts, other: CallAmounts): boolean =>
  names.some((name) => one[name] < other[name]);

/** The amount of a call in a limit's unit; null where it is not known. */
export function amountIn(unit: LimitUnit, amounts: CallAmounts): bigint;
export function amountIn(unit: LimitUnit, amounts: CallUse): bigint | null;
export function amountIn(
  unit: LimitUnit,
  { nanoUsd, inputTokens, outputTokens, requests, images, webSearches }: CallUse,
): bigint | null {
  switch (unit) {
    case 'usd':
      return nanoUsd;
    case 'tokens':
      return inputTokens + outputTokens;
    case 'input_tokens':
      return inputTokens;
    case 'output_tokens':
      return outputTokens;
    case 'requests':
      return requests;
    case 'images':
      return images;
    case 'web_searches':
      return webSearches;
  }
}

/** An amount as people write it: USD, or pieces. */
export const toFigure = (unit: LimitUnit, amount: bigint): number => (unit === 'usd' ? toUsd(amount) : Number(amount));

/** The amount of a figure; parts of a piece count as a whole one. */
export const fromFigure = (unit: LimitUnit, figure: number): bigint =>
  unit === 'usd' ? fromUsd(figure) : BigInt(Math.ceil(figure));

/**
 * Figures of a limit by name: those in USD end with `Usd`, those of pieces do not. `{ unit: 'usd', maxUsd: 5 }`,
 * `{ unit: 'tokens', max: 100 }`. Those of `N` may be null.
 */
export type Figures<K extends string, N extends string = never> =
  | ({ unit: 'usd' } & Record<`${K}Usd`, number> & Record<`${N}Usd`, number | null>)
  | ({ unit: CountUnit } & Record<K, number> & Record<N, number | null>);

export function figuresOf<K extends string, N extends string = never>(
  unit: LimitUnit,
  amounts: Record<K, bigint>,
  absent?: Record<N, bigint | null>,
): Figures<K, N> {
  const figures: Record<string, unknown> = { unit };
  for (const [name, amount] of Object.entries<bigint | null>({ ...amounts, ...absent }))
    figures[unit === 'usd' ? `${name}Usd` : name] = amount === null ? null : toFigure(unit, amount);
  return figures as Figures<K, N>;
}

const words: Record<CountUnit, [string, string]> = {
  tokens: ['token', 'tokens'],
  input_tokens: ['input token', 'input tokens'],
  output_tokens: ['output token', 'output tokens'],
  requests: ['request', 'requests'],
  images: ['image', 'images'],
  web_searches: ['web search', 'web searches'],
};

/** `5 USD`, `1 request`, `100 tokens`. */
export function describeAmount(unit: LimitUnit, figure: number): string {
  return unit === 'usd' ? `${figure} USD` : `${figure} ${words[unit][figure === 1 ? 0 : 1]}`;
}

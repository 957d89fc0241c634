/** What can explain a difference, in words and with what to do. */
export const reasonTexts = {
  waiting: 'They wait for Pay-i. See npm run audit -- --waiting.',
  dead_letter: 'They are dead letters. Replay or discard them: npm run dead-letters.',
  payi_unknown: 'Pay-i does not have them, although it took them. Replay is not possible; ask Pay-i with these ids.',
  payi_zero: 'Pay-i priced them at 0: it does not know the model or one of the units. See npm run prices -- --check.',
  payi_price: 'Pay-i has another price. See npm run prices -- --check.',
  no_price: 'They have no price here. Add one to MODEL_PRICES.',
  modifiers: 'Fast mode, inference_geo, a batch or a priority tier changes their price, which Pay-i does not know.',
  own_prices: 'MODEL_PRICES has another price for them.',
  corrected_prices: 'They were priced before a price was corrected here; they keep the price of their time.',
  abandoned: 'Their process ended during the call: they count with the cost of their hold until an admin corrects it.',
  estimated: 'The answer ended before its usage came, so their units are estimates.',
  not_in_ledger:
    'They were published and are not in the ledger yet: they are in the queue, the outbox or the dead letters.',
  began_before: 'They began before the day and ended in it. The provider may count them for this day.',
  ended_after: 'They began in the day and ended after it. The provider may count them for the next day.',
  batch: 'They are of batches, which count here when they were created. The provider may count them when they ran.',
  not_through_us:
    'The provider counts more than the app and what waits: calls with the same account that did not go through the app.',
  not_at_provider:
    'The provider counts less than the app: its report may be incomplete, or the calls used another account.',
  provider_discount: "The provider's own discount on its list prices.",
  provider_price: 'The provider billed another price than the one here. Compare MODEL_PRICES with its price list.',
  usage_differs: 'The amounts differ; see the other units of the model.',
  not_metered: 'The app does not meter this.',
} as const;

export type Reason = keyof typeof reasonTexts;
export const reasons = Object.keys(reasonTexts) as [Reason, ...Reason[]];

export interface Explanation {
  reason: Reason;
  /** In words, and what to do. */
  text: string;
  /** 0 where the other book only names sums. */
  events: number;
  /** Of the first ones. */
  eventIds: string[];
  /** How much of the difference it makes, in the unit of the row; null where that cannot be known. */
  amount: number | null;
}

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest time, in ms, that work on large input holds the event loop before other requests get their turn. */
const TURN_MS = 20;

/** `giveWay()` between the steps of long work: it waits for the next turn of the event loop when this one lasts too long. */
export function createTurns(): { giveWay(): Promise<void> } {
  let startedMs = performance.now();
  return {
    async giveWay() {
      if (performance.now() - startedMs < TURN_MS) return;
      await nextTurn();
      startedMs = performance.now();
    },
  };
}

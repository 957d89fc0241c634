import { HASH_LENGTH } from './instance-hash.ts';

/** In which minutes of the ledger there are events of which instances, by their hashes. */
export class InstanceMinutes {
  /** Hashes one behind the other: of the many that are read, few are asked for. */
  readonly #hashes = new Map<string, string>();

  /** @param minute e.g. `2026-11-23T10:05` @param hashes one behind the other */
  add(minute: string, hashes: string): void {
    if (hashes !== '') this.#hashes.set(minute, (this.#hashes.get(minute) ?? '') + hashes);
  }

  /** Where the instance may have events. */
  minutesOf(hash: string): string[] {
    return [...this.#hashes].flatMap(([minute, hashes]) => (hashes.includes(hash) ? [minute] : []));
  }

  /** The minutes in order, each with its hashes in order and once. */
  sorted(): [minute: string, hashes: string[]][] {
    return [...this.#hashes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([minute, hashes]): [string, string[]] => [minute, [...new Set(cut(hashes))].sort()]);
  }
}

function* cut(hashes: string): Generator<string> {
  for (let at = 0; at < hashes.length; at += HASH_LENGTH) yield hashes.slice(at, at + HASH_LENGTH);
}

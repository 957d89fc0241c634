import { setTimeout as delay } from 'node:timers/promises';
import { decideApproval } from '../../../shared/limits/admin/approvals.ts';
import type { LimitService } from '../../../shared/limits/limit-service.ts';
import { fromUsd } from '../../../shared/util/money.ts';
import type { GatePool } from './gate-pool.ts';
import type { Ledger } from './ledger.ts';

/** Approvals that an admin grants in a row. */
const MOST = 6;
const PAUSE_MS = 200;

/** An admin who approves what callers ask for, up to some, while calls go on. */
export class Approver {
  readonly #keeper: LimitService;
  readonly #pool: Pick<GatePool, 'reload'>;
  readonly #ledger: Ledger;
  granted = 0;

  constructor(keeper: LimitService, pool: Pick<GatePool, 'reload'>, ledger: Ledger) {
    this.#keeper = keeper;
    this.#pool = pool;
    this.#ledger = ledger;
  }

  /** Looks again and again while calls go on. */
  async lookUntil(end: Promise<unknown>): Promise<void> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    end.then(over, over);
    while (!isOver) {
      await this.look();
      await delay(PAUSE_MS);
    }
  }

  /** Decides what waits. A decision that the tables refuse is made again by the next look. */
  async look(): Promise<void> {
    const pending = await this.#keeper.approvals.list(true).catch(() => []);
    for (const { id } of pending) {
      if (this.granted >= MOST) return;
      try {
        const { after } = await decideApproval(this.#keeper, id, { who: 'ops', ifMatch: '*' }, 'approve');
        this.granted += 1;
        const maxNano = fromUsd((after.unit === 'usd' && after.maxUsd) || 0);
        if (maxNano > this.#ledger.maxNano) this.#ledger.maxNano = maxNano;
        await this.#pool.reload();
      } catch {
        // The maximum may be raised all the same.
        const raised = await this.#keeper.approvals.find(id).catch(() => undefined);
        const maxNano = raised?.approval.maxNano ?? 0n;
        if (maxNano > this.#ledger.maxNano) this.#ledger.maxNano = maxNano;
      }
    }
  }
}

import type { AnswerOf } from '../../../data/routes.ts';
import { countColumn, nameColumn, timeColumn } from '../../../parts/columns.tsx';
import { type Column, Table } from '../../../parts/table.tsx';

type DeadAlert = AnswerOf<'GET /api/admin/alerts'>['alerts'][number];

/** Alerts with the target that did not take them, and why. */
export const AlertTable = ({
  alerts,
  isSending,
  onSend,
}: {
  alerts: readonly DeadAlert[];
  isSending: boolean;
  onSend: (alert: DeadAlert) => void;
}) => (
  <Table
    caption="Alerts that were given up"
    columns={columns}
    rows={alerts}
    keyOf={({ id }) => id}
    order={{ title: 'made', down: true }}
    actions={(alert) => (
      <button
        type="button"
        class="quiet"
        aria-label={`Send again the alert of ${alert.limitId} to ${alert.target}`}
        disabled={isSending}
        onClick={() => onSend(alert)}
      >
        Send again
      </button>
    )}
  />
);

const columns: Column<DeadAlert>[] = [
  timeColumn('made', ({ createdAt }) => createdAt),
  { title: 'event', value: ({ event }) => event },
  nameColumn('limit', ({ limitId }) => limitId),
  nameColumn('target', ({ target }) => target),
  countColumn('attempts', ({ attempts }) => attempts),
  nameColumn('last error', ({ lastError }) => lastError),
];

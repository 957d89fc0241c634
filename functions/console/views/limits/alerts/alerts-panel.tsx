import { request } from '../../../data/client.ts';
import { useAction } from '../../../data/use-action.ts';
import { useData } from '../../../data/use-data.ts';
import { count } from '../../../format/numbers.ts';
import { FailureNotice } from '../../../parts/failure-notice.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { AlertTable } from './alert-table.tsx';

const REFRESH_MS = 30_000;

/** Alerts of limits that no target took, and that an admin can send again. */
export function AlertsPanel({ onDone }: { onDone: (said: string) => void }) {
  const loaded = useData('alerts', (signal) => request('GET /api/admin/alerts', { signal }), REFRESH_MS);
  const alerts = loaded.data?.alerts ?? [];
  const sending = useAction(async (ids: string[]) => {
    const { replayed, skipped } = await request('POST /api/admin/alerts/replay', { body: { ids } });
    loaded.reload();
    onDone(
      sentText(replayed.length) +
        (skipped > 0 ? ` ${count(skipped)} ${skipped === 1 ? 'was' : 'were'} sent again already.` : ''),
    );
  });
  return (
    <Panel
      title="Alerts that were given up"
      loaded={loaded}
      isEmpty={(data) => data.alerts.length === 0}
      empty="No alert was given up."
      before={sending.failure && <FailureNotice failure={sending.failure} />}
      controls={
        alerts.length > 0 && (
          <button
            type="button"
            disabled={sending.isRunning}
            onClick={() => void sending.run(alerts.map(({ id }) => id))}
          >
            Send all again
          </button>
        )
      }
    >
      {(data) => (
        <AlertTable alerts={data.alerts} isSending={sending.isRunning} onSend={({ id }) => void sending.run([id])} />
      )}
    </Panel>
  );
}

const sentText = (alerts: number): string =>
  alerts === 1 ? '1 alert goes out again within a minute.' : `${count(alerts)} alerts go out again within a minute.`;

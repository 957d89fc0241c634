import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import type { AnswerOf } from '../../data/routes.ts';
import { useData } from '../../data/use-data.ts';
import { useQuery } from '../../data/use-place.ts';
import { Badge } from '../../parts/badge.tsx';
import { nameColumn, timeColumn } from '../../parts/columns.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Dialog } from '../../parts/forms/dialog.tsx';
import { Name } from '../../parts/name.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';

type Change = AnswerOf<'GET /api/admin/audit-log'>['changes'][number];

/** What admins changed: who, when, from where, before and after. */
export function LogPanel() {
  const [query, setQuery] = useQuery();
  const [shown, setShown] = useState<Change>();
  const { target, olderThan } = query;
  const loaded = useData(`audit-log ${target} ${olderThan}`, (signal) =>
    request('GET /api/admin/audit-log', { query: { target, olderThan }, signal }),
  );
  return (
    <>
      <Panel
        title="Audit log"
        loaded={loaded}
        isEmpty={({ changes }) => changes.length === 0}
        empty="No admin has changed anything."
        controls={
          target && (
            <button type="button" onClick={() => setQuery({ target: undefined })}>
              Show all
            </button>
          )
        }
      >
        {({ changes, next }) => (
          <Table
            caption="Audit log"
            columns={columns}
            rows={changes}
            keyOf={({ id }) => id}
            actions={(change) => (
              <button type="button" class="quiet" aria-label={`Show ${change.id}`} onClick={() => setShown(change)}>
                Show
              </button>
            )}
            more={
              next !== null && (
                <button type="button" onClick={() => setQuery({ olderThan: next })}>
                  Older ones
                </button>
              )
            }
          />
        )}
      </Panel>
      {shown && (
        <Dialog title={shown.action} onClose={() => setShown(undefined)}>
          <div class="body">
            <Facts value={shown} />
          </div>
          <footer>
            <button
              type="button"
              onClick={() => {
                setQuery({ target: shown.target || undefined, olderThan: undefined });
                setShown(undefined);
              }}
            >
              All about this
            </button>
            <button type="button" onClick={() => setShown(undefined)}>
              Close
            </button>
          </footer>
        </Dialog>
      )}
    </>
  );
}

const columns: Column<Change>[] = [
  timeColumn('when', ({ at }) => at),
  { title: 'action', value: ({ action }) => action },
  nameColumn('about', ({ target }) => target),
  nameColumn('who', ({ who }) => who.userId),
  { title: 'by', value: ({ who }) => who.key ?? who.via, show: ({ who }) => <Name text={who.key ?? who.via} /> },
  { title: 'from', value: ({ from }) => from.address, show: ({ from }) => <Name text={from.address} none="unknown" /> },
  {
    title: 'outcome',
    value: ({ outcome, error }) => error ?? outcome,
    show: ({ outcome, error }) => <Badge tone={outcome === 'done' ? 'good' : 'bad'}>{error ?? outcome}</Badge>,
  },
];

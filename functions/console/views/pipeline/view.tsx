import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import { useData } from '../../data/use-data.ts';
import type { View } from '../../data/view.ts';
import { AuditPanel } from './audit-panel.tsx';
import { BooksPanel } from './books-panel.tsx';
import { HealthPanel } from './health-panel.tsx';
import { LettersPanel } from './letters-panel.tsx';
import { deadLettersOf, deliveredFigures } from './stages.ts';
import { Stages, WaitingPanel } from './waiting-panel.tsx';

const REFRESH_MS = 5_000;
const DELIVERED_REFRESH_MS = 30_000;
const DAY_MS = 86_400_000;

export const pipeline: View = { name: 'pipeline', title: 'Pipeline', access: 'admin', Page: Pipeline };

/** Where events are on their way to Pay-i, what was given up, and whether the books agree. */
function Pipeline() {
  const [said, setSaid] = useState('');
  const waiting = useData('waiting', (signal) => request('GET /api/admin/waiting', { signal }), REFRESH_MS);
  const delivered = useData(
    'delivered',
    async (signal) => {
      const from = new Date(Date.now() - DAY_MS).toISOString();
      return deliveredFigures(await request('GET /api/usage/outcomes', { query: { from }, signal }));
    },
    DELIVERED_REFRESH_MS,
  );
  return (
    <>
      <p class="said" role="status">
        {said}
      </p>
      <Stages waiting={waiting.data} delivered={delivered.data} />
      <WaitingPanel loaded={waiting} />
      <LettersPanel
        waitingLetters={deadLettersOf(waiting.data)}
        onDone={(what) => {
          setSaid(what);
          waiting.reload();
        }}
      />
      <HealthPanel />
      <AuditPanel />
      <BooksPanel />
    </>
  );
}

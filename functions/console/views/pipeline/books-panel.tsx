import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import { count } from '../../format/numbers.ts';
import { wordsOf } from '../../format/words.ts';
import { Badge } from '../../parts/badge.tsx';
import { ButtonPanel } from '../../parts/button-panel.tsx';
import { Choice } from '../../parts/forms/choice.tsx';
import { Name } from '../../parts/name.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Usd } from '../../parts/usd.tsx';
import { recentDays } from './days.ts';
import type { BookDifference, BookRow, Reconciliation } from './load.ts';

/** Compares the books of a day, at a button: it reads the ledger, and asks Pay-i and the provider. */
export function BooksPanel() {
  const [days] = useState(() => recentDays(Date.now()).map((day) => [day, day] as const));
  const [day, setDay] = useState(days[1]?.[0] ?? '');
  return (
    <ButtonPanel
      title="Books"
      button="Compare"
      running="Comparing …"
      empty="Do the ledger, Pay-i and the provider say the same of a day?"
      controls={<Choice label="Day (UTC)" value={day} options={days} onChange={setDay} />}
      load={() => request('GET /api/admin/reconciliation', { query: { day } })}
    >
      {(books) => <Result books={books} />}
    </ButtonPanel>
  );
}

function Result({ books: { ok, day, events, rows, payiSum, differences, notes } }: { books: Reconciliation }) {
  return (
    <>
      <p>
        <Badge tone={ok ? 'good' : 'bad'}>{ok ? 'the books agree' : 'the books differ'}</Badge> {day}: {count(events)}{' '}
        calls
      </p>
      {rows.length > 0 && <Table caption={`Books of ${day}`} columns={columns} rows={rows} keyOf={keyOf} />}
      {differences.length > 0 && (
        <ul class="checks">
          {differences.map((difference) => (
            <li key={`${keyOf(difference)} ${difference.against}`}>
              <Badge tone="bad">{difference.against === 'payi' ? 'Pay-i' : 'provider'}</Badge>
              <Difference {...difference} />
            </li>
          ))}
        </ul>
      )}
      {payiSum && (
        <p class="muted">
          <Name text={payiSum.limitId} /> at Pay-i: <Usd value={payiSum.payi} />, of the same events here{' '}
          <Usd value={payiSum.ledger} />
        </p>
      )}
      {notes.map((note) => (
        <p key={note} class="muted">
          {note}
        </p>
      ))}
    </>
  );
}

const Difference = ({ model, unit, difference, reasons }: BookDifference) => (
  <div>
    <p>
      <Name text={model} />, {unitName(unit)}: <Amount unit={unit} value={Math.abs(difference)} />{' '}
      {difference < 0 ? 'less' : 'more'} than the ledger
    </p>
    {reasons.map(({ reason, text, events, eventIds, amount }) => (
      <div key={reason}>
        <p class="muted">
          <code>{reason}</code>{' '}
          {amount !== null && (
            <>
              <Amount unit={unit} value={amount} />{' '}
            </>
          )}
          {events > 0 && `of ${count(events)} events. `}
          {text}
        </p>
        {eventIds.map((id) => (
          <p key={id}>
            <Name text={id} />
          </p>
        ))}
      </div>
    ))}
  </div>
);

const unitName = (unit: BookRow['unit']): string => (unit === 'usd' ? 'USD' : wordsOf(unit));

const Amount = ({ unit, value }: { unit: BookRow['unit']; value: number }) =>
  unit === 'usd' ? <Usd value={value} /> : <span>{count(value)}</span>;

const keyOf = ({ category, model, modifiers, unit }: Pick<BookRow, 'category' | 'model' | 'modifiers' | 'unit'>) =>
  JSON.stringify([category, model, modifiers, unit]);

/** A figure of one book; a dash where the book does not say it. */
const figureColumn = (title: string, value: (row: BookRow) => number | null): Column<BookRow> => ({
  title,
  value,
  show: (row) => {
    const figure = value(row);
    return figure === null ? <span class="muted">–</span> : <Amount unit={row.unit} value={figure} />;
  },
  isNumber: true,
});

const columns: Column<BookRow>[] = [
  {
    title: 'model',
    value: ({ model, modifiers }) => (modifiers ? `${model} (${modifiers})` : model),
    show: ({ model, modifiers }) => <Name text={modifiers ? `${model} (${modifiers})` : model} />,
  },
  { title: 'unit', value: ({ unit }) => unitName(unit) },
  figureColumn('ledger', ({ ledger }) => ledger),
  figureColumn('Pay-i', ({ payi }) => payi),
  figureColumn('provider', ({ provider }) => provider),
  figureColumn('difference', ({ difference }) => difference),
];

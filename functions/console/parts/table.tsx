import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type CsvColumn, toCsv } from '../format/csv.ts';
import { type Order, sortRows } from '../format/sort.ts';
import { download } from './download.ts';

export interface Column<R> extends CsvColumn<R> {
  /** How a cell is shown; absent: its value as text. */
  show?: (row: R) => ComponentChildren;
  isNumber?: boolean;
}

interface TableProps<R> {
  /** Says what the rows are; it names the file of the CSV too. */
  caption: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  keyOf: (row: R, index: number) => string;
  /** By which column the rows stand in order at first. */
  order?: Order;
  /** What can be done with a row, in a last column. */
  actions?: (row: R) => ComponentChildren;
  /** More rows are on the server than are shown. */
  more?: ComponentChildren;
}

/** Rows that can be put in order, and saved as CSV. A wide table scrolls within itself. */
export function Table<R>({ caption, columns, rows, keyOf, order: first, actions, more }: TableProps<R>) {
  const [order, setOrder] = useState<Order | undefined>(first);
  const sorted = sortRows(columns, rows, order);
  const isDown = (title: string) => order?.title === title && order.down;
  return (
    <div class="table">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
      <section class="scroll" tabIndex={0} aria-label={caption}>
        <table>
          <caption class="unseen">{caption}</caption>
          <thead>
            <tr>
              {columns.map(({ title, isNumber }) => (
                <th
                  key={title}
                  scope="col"
                  class={isNumber ? 'number' : undefined}
                  aria-sort={order?.title !== title ? undefined : order.down ? 'descending' : 'ascending'}
                >
                  <button type="button" onClick={() => setOrder({ title, down: !isDown(title) })}>
                    {title}
                    <span aria-hidden="true">{order?.title !== title ? '' : order.down ? ' ↓' : ' ↑'}</span>
                  </button>
                </th>
              ))}
              {actions && (
                <th scope="col">
                  <span class="unseen">actions</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {sorted.map((row, index) => (
              <tr key={keyOf(row, index)}>
                {columns.map(({ title, isNumber, show, value }) => (
                  <td key={title} class={isNumber ? 'number' : undefined}>
                    {show ? show(row) : value(row)}
                  </td>
                ))}
                {actions && <td class="actions">{actions(row)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <footer>
        {more}
        <button type="button" class="quiet" onClick={() => download(`${caption}.csv`, toCsv(columns, sorted))}>
          Save as CSV<span class="unseen"> {caption}</span>
        </button>
      </footer>
    </div>
  );
}

import type { RowKey, Table, Tables } from '../../shared/tables/table.ts';

/** Tables that count what is asked of them; a query counts once, however many pages it has. */
export function counting(tables: Tables, count: { requests: number }): Tables {
  return {
    open<R extends RowKey>(name: string): Table<R> {
      return new Proxy(tables.open<R>(name), {
        get(target, member, receiver) {
          const value = Reflect.get(target, member, receiver) as unknown;
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            count.requests++;
            return (value as (...given: unknown[]) => unknown).apply(target, given);
          };
        },
      });
    },
  };
}

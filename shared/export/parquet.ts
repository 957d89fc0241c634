import { parquetMetadata, parquetReadObjects, type RowGroup, type SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { type ExportColumn, type ExportRow, type ExportValue, exportColumns } from './columns.ts';

/** Rows of a row group: so many are encoded, or decoded, at once, which holds the event loop for some 50 ms. */
const GROUP_ROWS = 5_000;

/** A file that is being made in memory. */
export interface ParquetFile {
  /** How many rows it has. */
  rows(): number;
  add(row: ExportRow): void;
  finish(): Uint8Array;
}

export function createParquetFile(): ParquetFile {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'trailmeter' });
  let written = 0;
  let group: ExportRow[] = [];

  function writeGroup(): void {
    if (group.length === 0) return;
    const columnData = exportColumns.map((column, place) => ({
      name: column.name,
      data: group.map((row) => toStored(column, row[place])),
    }));
    writer.write({ columnData, rowGroupSize: group.length });
    written += group.length;
    group = [];
  }

  return {
    rows: () => written + group.length,
    add(row) {
      group.push(row);
      if (group.length === GROUP_ROWS) writeGroup();
    },
    finish() {
      writeGroup();
      writer.finish();
      return bytes.getBytes();
    },
  };
}

/** When calls began: ms, UTC; from one on, before the other. */
export interface Times {
  fromMs: number;
  beforeMs: number;
}

/**
 * The rows of a file, in order. Columns that it lacks are null. Row groups without a row of the times are left out, so others come too.
 * @param found gets the times of the whole file
 */
export async function* rowsOfParquet(
  bytes: Uint8Array,
  times?: Times,
  found?: (times: Times) => void,
): AsyncIterable<ExportRow> {
  const buffer = bytes.slice().buffer;
  const metadata = parquetMetadata(buffer);
  // As they are stored: as numbers, money would lose digits.
  metadata.schema = metadata.schema.map((element) =>
    element.type === 'INT64' ? { name: element.name, type: 'INT64', repetition_type: 'OPTIONAL' } : element,
  );
  const file = { byteLength: buffer.byteLength, slice: (from: number, to?: number) => buffer.slice(from, to) };
  const groups = metadata.row_groups.map((group) => ({ rows: Number(group.num_rows), times: timesOf(group) }));
  found?.({
    fromMs: Math.min(...groups.map(({ times: { fromMs } }) => fromMs)),
    beforeMs: Math.max(...groups.map(({ times: { beforeMs } }) => beforeMs)),
  });
  let rowStart = 0;
  for (const group of groups) {
    const rowEnd = rowStart + group.rows;
    if (!times || overlap(times, group.times))
      for (const row of await parquetReadObjects({ file, metadata, rowStart, rowEnd }))
        yield exportColumns.map((column) => fromStored(column, row[column.name]));
    rowStart = rowEnd;
  }
}

const overlap = (one: Times, other: Times): boolean => one.fromMs < other.beforeMs && other.fromMs < one.beforeMs;

/** From the statistics of a row group; all times where it has none. */
function timesOf({ columns }: RowGroup): Times {
  const column = columns.find(({ meta_data: data }) => data?.path_in_schema[0] === START);
  const { min_value: first, max_value: last } = column?.meta_data?.statistics ?? {};
  if (first === undefined || last === undefined) return { fromMs: 0, beforeMs: Number.POSITIVE_INFINITY };
  return { fromMs: Number(first), beforeMs: Number(last) + 1 };
}

const START = 'ChargePeriodStart';

const kinds: Readonly<Record<ExportColumn['type'], Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT32' },
  long: { type: 'INT64' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  money: { type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale: 9 },
};

const schema: SchemaElement[] = [
  { name: 'ledger', num_children: exportColumns.length },
  ...exportColumns.map(({ name, type }) => ({ name, repetition_type: 'OPTIONAL' as const, ...kinds[type] })),
];

const isBig = ({ type }: ExportColumn): boolean => kinds[type].type === 'INT64';

const toStored = (column: ExportColumn, value: ExportValue): string | number | bigint | null => {
  if (value === undefined) return null;
  return isBig(column) ? BigInt(value) : value;
};

function fromStored({ type }: ExportColumn, value: unknown): ExportValue {
  if (value === null || value === undefined) return undefined;
  return type === 'long' || type === 'time' ? Number(value) : (value as ExportValue);
}

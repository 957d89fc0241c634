import { parquetMetadata, parquetReadObjects, type SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { type ExportColumn, type ExportRow, type ExportValue, exportColumns } from './columns.ts';

/** Rows of a row group: so many are encoded, or decoded, at once. */
const GROUP_ROWS = 10_000;

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

/** The rows of a file, in order. Columns that it lacks are null. */
export async function* rowsOfParquet(bytes: Uint8Array): AsyncIterable<ExportRow> {
  const buffer = bytes.slice().buffer;
  const metadata = parquetMetadata(buffer);
  // As they are stored: as numbers, money would lose digits.
  metadata.schema = metadata.schema.map((element) =>
    element.type === 'INT64' ? { name: element.name, type: 'INT64', repetition_type: 'OPTIONAL' } : element,
  );
  const file = { byteLength: buffer.byteLength, slice: (from: number, to?: number) => buffer.slice(from, to) };
  const total = Number(metadata.num_rows);
  for (let rowStart = 0; rowStart < total; rowStart += GROUP_ROWS) {
    const rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd: Math.min(total, rowStart + GROUP_ROWS) });
    for (const row of rows) yield exportColumns.map((column) => fromStored(column, row[column.name]));
  }
}

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

import { type ExportRow, type ExportValue, exportColumns } from './columns.ts';

const placeOf = (name: string): number => exportColumns.findIndex((column) => column.name === name);

const eventIdPlace = placeOf('x_EventId');
const signPlace = placeOf('x_Sign');
const partPlace = placeOf('x_Part');
const userPlace = placeOf('user_id');
const startPlace = placeOf('ChargePeriodStart');
const unitsPlace = placeOf('x_UnitsJson');

export const eventIdOf = (row: ExportRow): string => String(row[eventIdPlace]);

/** ms, UTC. */
export const startOfRow = (row: ExportRow): number => Number(row[startPlace]);

export const userOf = (row: ExportRow): ExportValue => row[userPlace];

export const withUser = (row: ExportRow, userId: string): ExportRow =>
  row.map((value, place) => (place === userPlace ? userId : value));

/** Whether it takes an earlier row of the event back. */
export const isTakenBack = (row: ExportRow): boolean => row[signPlace] === -1;

/** Whether two rows say the same, in whichever files. */
export const isSameRow = (one: ExportRow, other: ExportRow): boolean =>
  one.every((value, place) => place === partPlace || value === other[place]);

/** The row of a later file that takes this one back: both add up to nothing in every group. */
export const takenBack = (row: ExportRow, part: number): ExportRow =>
  row.map((value, place) => {
    if (place === partPlace) return part;
    if (place === unitsPlace) return typeof value === 'string' ? oppositeUnits(value) : value;
    if (!exportColumns[place]?.adds || value === undefined) return value;
    // `0 - value`: there is a -0.
    return typeof value === 'bigint' ? -value : 0 - Number(value);
  });

/** @param json unit names to amounts in and out */
const oppositeUnits = (json: string): string =>
  JSON.stringify(JSON.parse(json), (_, value: unknown) => (typeof value === 'number' ? 0 - value : value));

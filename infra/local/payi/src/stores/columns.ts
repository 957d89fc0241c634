type Cells = Float64Array | Uint32Array | Uint16Array;

/** A column of numbers that grows: a few bytes a row where an array of objects takes a hundred. */
export class Column<T extends Cells> {
  #cells: T;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#cells = make(1024);
  }

  get(row: number): number {
    return this.#cells[row] ?? 0;
  }

  set(row: number, value: number): void {
    if (row >= this.#cells.length) {
      const larger = this.#make(Math.max(this.#cells.length * 2, row + 1));
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells[row] = value;
  }

  add(row: number, value: number): void {
    this.set(row, this.get(row) + value);
  }
}

export const createFloat64Column = () => new Column((length) => new Float64Array(length));
export const createUint32Column = () => new Column((length) => new Uint32Array(length));
export const createUint16Column = () => new Column((length) => new Uint16Array(length));

/** Numbers the different values of a column, so that each is kept once. 0 is "none". */
export class Interner {
  readonly #numbers = new Map<string, number>();
  readonly #values: (string | undefined)[] = [undefined];

  number(value: string | undefined): number {
    if (value === undefined) return 0;
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    this.#values.push(value);
    this.#numbers.set(value, this.#values.length - 1);
    return this.#values.length - 1;
  }

  value(number: number): string | undefined {
    return this.#values[number];
  }
}

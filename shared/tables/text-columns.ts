/** Table Storage takes 32 Ki UTF-16 units in a column; a longer text goes on in further ones. */
const COLUMN = 30_000;

export type TextColumns = Record<`text${number}`, string>;

export function toColumns(text: string): TextColumns {
  const columns: TextColumns = {};
  for (let part = 0; part === 0 || part * COLUMN < text.length; part++) {
    columns[`text${part}`] = text.slice(part * COLUMN, (part + 1) * COLUMN);
  }
  return columns;
}

export function fromColumns(columns: Partial<TextColumns>): string {
  let text = '';
  for (let part = 0; columns[`text${part}`] !== undefined; part++) text += columns[`text${part}`];
  return text;
}

import { readFile } from 'node:fs/promises';
import { argv, stdout } from 'node:process';

// A program uploads one form: its arguments are the address and the parts as JSON (test/clients/forms.ts).
export const [, , address] = argv;

/** The parts with the bytes of their files. */
export const parts = await Promise.all(
  JSON.parse(argv[3]).map(async (part) =>
    part.path === undefined ? part : { ...part, bytes: await readFile(part.path) },
  ),
);

/** Fills a FormData of the standard. */
export function fill(form, FileClass) {
  for (const { field, text, bytes, fileName, type } of parts)
    form.append(field, text ?? new FileClass([bytes], fileName, { type }));
  return form;
}

/** What the caller reads: the body of the answer, then its status on a line of its own. */
export const report = (status, body) => stdout.write(`${body}\n${status}`);

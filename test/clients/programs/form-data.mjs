import { text } from 'node:stream/consumers';
import FormData from 'form-data';
import { address, parts, report } from './parts.mjs';

const form = new FormData();
for (const part of parts)
  if (part.bytes === undefined) form.append(part.field, part.text);
  else form.append(part.field, part.bytes, { filename: part.fileName, contentType: part.type || undefined });
form.submit(address, async (error, answer) => {
  if (error) throw error;
  report(answer.statusCode, await text(answer));
});

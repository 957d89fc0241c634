import type { HttpRequest } from '@azure/functions';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { invalidField } from '../errors/request-errors.ts';
import { GrowingBytes } from '../util/bytes/growing-bytes.ts';
import { bodyChunks } from './body.ts';
import type { BodyMemory } from './memory/request-memory.ts';

/** One part of a form. */
export interface FormPart {
  name: string;
  /** Absent for a text field. Empty for a file input that nobody used. */
  fileName: string | undefined;
  /** What the client says that it is, without parameters; `text/plain` when it says nothing. */
  declaredType: string;
  /** Its length, in bytes. */
  size: number;
  /** Empty when there are more than the rules hold. */
  bytes: Uint8Array;
}

/** What a form may hold. */
interface FormRules {
  maxBytes: number;
  memory: Pick<BodyMemory, 'grow'>;
  maxParts: number;
  /**
   * Called with the first bytes of a part, before more of it is held. Returns how many bytes may be held; a part that has
   * more is only measured. Throws to refuse the form before the rest of it is read.
   */
  admit(first: Pick<FormPart, 'name' | 'fileName' | 'declaredType' | 'bytes'>): number;
}

/** `admit` gets at least so many bytes, unless the part is shorter. Image formats say in these what they are. */
const FIRST_BYTES = 64;

/**
 * The parts of a `multipart/form-data` request, read while it arrives. What clients write is accepted: a preamble, quoted or
 * bare parameters, `filename*`, parts without a type.
 * @throws RequestError 413 above `maxBytes`; 400 when the body is not such a form; what `admit` throws.
 */
export async function readForm(request: HttpRequest, rules: FormRules): Promise<FormPart[]> {
  const parser = openParser(request.headers.get('content-type') ?? '', rules.maxParts);
  const parts: Promise<FormPart>[] = [];
  const form = new Promise<void>((resolve, refuse) => {
    parser.on('finish', resolve);
    parser.on('error', () => refuse(notAForm()));
    parser.on('partsLimit', () => refuse(invalidField('body', `has more than ${rules.maxParts} parts`)));
    parser.on('file', (name, stream, fileName, _encoding, declaredType) => {
      stream.on('error', () => refuse(notAForm()));
      const part = readPart(stream, { name: name ?? '', fileName, declaredType }, rules);
      part.catch(refuse);
      parts.push(part);
    });
  });
  form.catch(() => undefined); // Thrown where it is awaited, below.
  for await (const chunk of bodyChunks(request, rules.maxBytes, rules.memory))
    await Promise.race([form, new Promise<void>((next) => parser.write(chunk, () => next()))]);
  parser.end();
  await form;
  return Promise.all(parts);
}

function openParser(contentType: string, maxParts: number): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      // Every part is bytes until its name says what is expected there.
      isPartAFile: () => true,
      limits: { parts: maxParts, headerPairs: 50, headerSize: 16_384 },
    });
  } catch {
    throw notAForm();
  }
}

async function readPart(
  stream: AsyncIterable<Buffer>,
  about: Pick<FormPart, 'name' | 'fileName' | 'declaredType'>,
  { admit, maxBytes }: FormRules,
): Promise<FormPart> {
  const bytes = new GrowingBytes();
  let most: number | undefined;
  for await (const chunk of stream) {
    bytes.add(chunk, most ?? maxBytes);
    if (bytes.size >= FIRST_BYTES) most ??= admit({ ...about, bytes: bytes.held });
  }
  most ??= admit({ ...about, bytes: bytes.held });
  return { ...about, size: bytes.size, bytes: bytes.size > most ? new Uint8Array() : bytes.held };
}

const notAForm = () => invalidField('body', 'is not valid multipart/form-data');

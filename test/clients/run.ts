import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Output } from '../../infra/cli/command.ts';
import type { Stack } from '../../infra/local/stack.ts';
import { picture } from '../support/pictures.ts';
import { type Client, type ClientEntry, ClientIsMissing } from './client.ts';
import { type UploadForm, uploadForms } from './forms.ts';
import { record } from './record.ts';

/** What came of a client's uploads. */
export interface ClientResult {
  name: string;
  version: string;
  cases: number;
  failed: number;
  /** What went wrong, a line for each upload that failed. */
  faults: string[];
}

export interface SkippedUploads {
  name: string;
  /** The form, when only that is skipped. */
  form?: string;
  reason: string;
}

export interface ClientsRun {
  stack: Stack;
  output: Output;
  signal: AbortSignal;
  /** Folder in which the bytes of each form are kept; undefined: they are not. */
  recordings: string | undefined;
}

/** Uploads every form with every client. Each upload must be 200 and bring the model its images. */
export async function runClients(entries: readonly ClientEntry[], run: ClientsRun) {
  const clients: ClientResult[] = [];
  const skipped: SkippedUploads[] = [];
  const scratch = await mkdtemp(join(tmpdir(), 'trailmeter-clients-'));
  try {
    const forms = await drawForms(scratch);
    for (const entry of entries) {
      run.output.progress(`${entry.name} …`);
      const can = forms.filter(({ name }) => entry.cannotWrite?.[name] === undefined);
      try {
        clients.push(await uploadAll(entry, can, scratch, run));
        for (const [form, reason] of Object.entries(entry.cannotWrite ?? {}))
          skipped.push({ name: entry.name, form, reason });
      } catch (error) {
        run.signal.throwIfAborted();
        const { name } = entry;
        if (error instanceof ClientIsMissing) skipped.push({ name, reason: error.message });
        else clients.push({ name, version: '', cases: can.length, failed: can.length, faults: [String(error)] });
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { clients, skipped };
}

async function drawForms(scratch: string): Promise<UploadForm[]> {
  const [photo, empty] = [join(scratch, 'trail.jpg'), join(scratch, 'empty')];
  await writeFile(photo, await picture('jpeg'));
  await writeFile(empty, '');
  return uploadForms(photo, empty);
}

/** @throws ClientIsMissing; Error when the client cannot be started or recorded */
async function uploadAll(
  { name, open }: ClientEntry,
  forms: UploadForm[],
  scratch: string,
  { stack, signal, recordings }: ClientsRun,
): Promise<ClientResult> {
  const client = await open(await mkdtemp(join(scratch, `${name}-`)), signal);
  const faults: string[] = [];
  try {
    for (const form of forms) {
      const fault = await faultOf(client, form, stack);
      signal.throwIfAborted();
      if (fault !== undefined) faults.push(`${form.name}: ${fault}`);
      else if (recordings !== undefined) await record(join(recordings, name), client, form);
    }
  } finally {
    await client.close?.();
  }
  return { name, version: client.version, cases: forms.length, failed: faults.length, faults };
}

/** What was wrong with an upload; undefined when the model got its images. */
async function faultOf(client: Client, form: UploadForm, { url, model }: Stack): Promise<string | undefined> {
  model?.reset();
  try {
    const { status, body } = await client.upload(`${url}/api/analyze`, form);
    const images = imagesOf(model?.calls().at(0)?.body);
    if (status !== 200) return `status ${status}: ${body.slice(0, 500)}`;
    return images === form.images ? undefined : `${images} images instead of ${form.images}`;
  } catch (error) {
    return String(error);
  }
}

/** How many images a call of the model carries. */
export function imagesOf(body: unknown): number {
  const { messages } = (body ?? {}) as { messages?: { content: { type: string }[] }[] };
  return messages?.[0]?.content.filter(({ type }) => type === 'image').length ?? 0;
}

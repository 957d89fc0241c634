import { type Readers, type ReadOptions, readers } from './readers.ts';
import { type Read, takeValue } from './refusal.ts';
import { TaskThread } from './task-thread.ts';

/** Up to so many bytes a body of any content is read within some milliseconds. */
const SMALL_BYTES = 131_072;

/** The same of a batch, each request of which is priced. */
const SMALL_BATCH_BYTES = 16_384;

/** What was read of a request, and its bytes, which went to the thread and back. */
export type BodyRead<N extends keyof Readers> = ReturnType<Readers[N]> & { bytes: Uint8Array };

/** Reads the bodies of requests to providers: large ones in a thread, so that they hold up no other request. */
export interface RequestReader {
  /** @param bytes not to be used afterwards: a thread may have them. @throws RequestError as the reader does */
  read<N extends keyof Readers>(name: N, bytes: Uint8Array, options?: ReadOptions): Promise<BodyRead<N>>;
}

/** In the package the thread's module stands next to the app's. */
const module = new URL(
  import.meta.url.endsWith('.cjs') ? './read-in-thread.cjs' : './read-in-thread.ts',
  import.meta.url,
);

export function createRequestReader(): RequestReader {
  const thread = new TaskThread(module);
  return {
    async read<N extends keyof Readers>(name: N, bytes: Uint8Array, options: ReadOptions = {}): Promise<BodyRead<N>> {
      type Result = ReturnType<Readers[N]>;
      if (bytes.byteLength <= (name.startsWith('batch') ? SMALL_BATCH_BYTES : SMALL_BYTES))
        return { ...(readers[name](bytes, options) as Result), bytes };
      const answer = await thread.run({ name, bytes, options });
      return { ...takeValue(answer.value as Read<Result>), bytes: answer.bytes };
    },
  };
}

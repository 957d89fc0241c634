import { parentPort, Worker } from 'node:worker_threads';

/** How long a thread without work is kept, in ms. Its memory is given back then. */
const IDLE_MS = 10_000;

/** Work on bytes, which move to the thread and back: they are never copied. */
export interface Task {
  name: string;
  bytes: Uint8Array;
  /** What can be copied. */
  options?: object | undefined;
}

export interface TaskResult {
  value: unknown;
  /** Those of the task. */
  bytes: Uint8Array;
}

type Answer = TaskResult | { error: unknown };

interface Job {
  task: Task;
  resolve(result: TaskResult): void;
  reject(reason: unknown): void;
}

/**
 * Another thread for work that would hold up the event loop. It begins with the first task and ends when there was none for a
 * while. It does one task at a time, in the order in which they came.
 */
export class TaskThread {
  readonly #module: URL;
  readonly #jobs: Job[] = [];
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** @param module calls `doTasks` */
  constructor(module: URL) {
    this.#module = module;
  }

  /** @throws what the task throws; Error when the thread ends over it. The bytes are lost then. */
  run(task: Task): Promise<TaskResult> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ task, resolve, reject });
      if (this.#jobs.length === 1) this.#next();
    });
  }

  #next(): void {
    clearTimeout(this.#idle);
    const job = this.#jobs[0];
    if (job) {
      this.#worker ??= this.#start();
      this.#worker.ref();
      const task = { ...job.task, bytes: movable(job.task.bytes) };
      this.#worker.postMessage(task, [task.bytes.buffer]);
    } else {
      // Neither the thread nor its end keeps the process.
      this.#worker?.unref();
      this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
    }
  }

  #end(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }

  #start(): Worker {
    const worker = startWorker(this.#module);
    let failure: unknown = new Error('The thread ended before its task.');
    worker.on('message', (answer: Answer) => {
      const job = this.#jobs.shift();
      if ('error' in answer) job?.reject(answer.error);
      else job?.resolve(answer);
      this.#next();
    });
    worker.once('error', (error) => {
      failure = error;
    });
    worker.once('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      // Not again: a task that ended its thread would end the next one too.
      this.#jobs.shift()?.reject(failure);
      if (this.#jobs.length > 0) this.#next();
    });
    return worker;
  }
}

/** In the thread's module: what it does with each task. */
export function doTasks(work: (task: Task) => unknown): void {
  const port = parentPort;
  port?.on('message', (task: Task) => {
    try {
      port.postMessage({ value: work(task), bytes: task.bytes } satisfies Answer, [task.bytes.buffer as ArrayBuffer]);
    } catch (error) {
      port.postMessage({ error } satisfies Answer);
    }
  });
}

/** An array can move when its memory is its own: others would lose what they share with it. */
const movable = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : new Uint8Array(bytes);

/** The package has modules of JavaScript. Those of the sources are loaded by tsx, which reaches threads only when one asks for it. */
function startWorker(module: URL): Worker {
  if (!module.pathname.endsWith('.ts')) return new Worker(module, { execArgv: [] });
  const load = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(module.href)})))`;
  return new Worker(load, { eval: true, execArgv: [] });
}

import { type ReadOptions, readers } from './readers.ts';
import { readOrRefuse } from './refusal.ts';
import { doTasks } from './task-thread.ts';

// The module of the thread that reads large requests; a file of its own in the package too.
doTasks(({ name, bytes, options }) =>
  readOrRefuse(() => readers[name as keyof typeof readers](bytes, options as ReadOptions)),
);

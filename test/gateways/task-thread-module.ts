import { doTasks } from '../../shared/gateways/reading/task-thread.ts';

let done = 0;
doTasks(({ name, bytes, options }) => {
  if (name === 'throw') throw new Error('thrown in the thread');
  if (name === 'end') process.exit(1); // The thread, not the process.
  done += 1;
  return { length: bytes.length, options, done };
});

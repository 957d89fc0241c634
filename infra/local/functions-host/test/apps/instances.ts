import { setTimeout as delay } from 'node:timers/promises';
import { app } from '@azure/functions';

/** Returns the process that answers, fails on request, and counts the runs of a timer. */
app.setup({ enableHttpStream: true });
if (process.env['WRONG']) throw new Error(`WRONG is "${process.env['WRONG']}": leave it out.`);

let timerRuns = 0;

app.http('pid', { route: 'pid', handler: async () => ({ jsonBody: process.pid }) });
app.http('environment', { route: 'environment', handler: async () => ({ jsonBody: process.env }) });
app.http('timerRuns', { route: 'timer-runs', handler: async () => ({ jsonBody: timerRuns }) });
app.http('slow', {
  route: 'slow',
  handler: async (_request, context) => {
    context.log('slow begins');
    await delay(400);
    return { body: 'ended' };
  },
});
app.http('crash', {
  route: 'crash',
  handler: async () => {
    setTimeout(() => {
      throw new Error('crashed on purpose');
    }, 10);
    await delay(60_000);
    return {};
  },
});
app.timer('each', {
  schedule: '%EACH%',
  runOnStartup: true,
  handler: async () => {
    timerRuns += 1;
  },
});
app.hook.appTerminate(() => console.log('the app terminates'));

import { app } from '@azure/functions';

/** What this process has used so far, for the benchmark. */
app.http('bench-cpu', {
  route: 'bench/cpu',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: () => ({ jsonBody: process.cpuUsage() }),
});

import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { app } from '@azure/functions';

/** How long one turn of the event loop took at most, in ms. */
export interface LongestTurn {
  /** By the clock: other programs on the machine hold it up too. */
  wallMs: number;
  /** Of the processor. */
  cpuMs: number;
}

/** In ms; how often the watch looks. */
const RESOLUTION_MS = 5;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
let cpuMs = usedMs();
let longestCpuMs = 0;
setInterval(() => {
  const nowMs = usedMs();
  longestCpuMs = Math.max(longestCpuMs, nowMs - cpuMs);
  cpuMs = nowMs;
}, 1).unref();

app.http('longest-turn', {
  route: 'longest-turn',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async () => {
    const turn: LongestTurn = { wallMs: Math.round(delay.max / 1e6), cpuMs: Math.round(longestCpuMs) };
    delay.reset();
    longestCpuMs = 0;
    return { jsonBody: turn };
  },
});

/** What the main thread has used of the processor. */
function usedMs(): number {
  return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6;
}

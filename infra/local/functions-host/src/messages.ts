/** What a worker process and the host say to each other over the IPC channel. */

/** A timer function, as the host needs it to keep its schedule. */
export interface TimerFunction {
  name: string;
  schedule: string;
  runOnStartup: boolean;
}

/** The value that a timer function is given, spelled as the real host spells it. */
export interface TimerInfo {
  Schedule: { AdjustForDST: boolean };
  ScheduleStatus: { Last: string; LastUpdated: string; Next: string } | null;
  IsPastDue: boolean;
}

/** A function or host key set; without keys nothing is checked, as under `func start`. */
export interface HostKeys {
  /** Opens everything, `/admin` included. */
  master: string;
  /** Open every function. */
  host?: string[];
  /** Open the function of that name. */
  functions?: Record<string, string[]>;
}

export interface StartOrder {
  appDirectory: string;
  keys?: HostKeys;
}

export type ToWorker =
  | { kind: 'start'; order: StartOrder }
  | { kind: 'timer'; id: number; name: string; info: TimerInfo }
  | { kind: 'stop'; graceMs: number };

export type FromWorker =
  | { kind: 'ready'; port: number; timers: TimerFunction[] }
  | { kind: 'failed'; reason: string }
  | { kind: 'timer-done'; id: number }
  | { kind: 'log'; functionName?: string; text: string };

import { existsSync } from 'node:fs';
import { createServices, useServices } from '../../../functions/services/services.ts';
import { decodeSettings } from '../../../shared/config/decode.ts';

/** While this file is there, the process dies between two steps of a batch, one time in eight. */
const trigger = process.env['CRASH_WHILE_EXISTS'] ?? '';

useServices(
  createServices(decodeSettings(process.env), () => {
    if (existsSync(trigger) && Math.random() < 1 / 8) process.kill(process.pid, 'SIGKILL');
  }),
);

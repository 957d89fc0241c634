import { runCommand } from '../command.ts';
import { askAtTerminal } from '../deploy/ask.ts';
import { openAz } from '../deploy/az.ts';
import { StepFailed, Steps } from '../deploy/steps.ts';
import { runHook } from './hook.ts';

/** What azd runs around its own steps; see azure.yaml. */
const command = { usage: 'node --import tsx infra/cli/azd/main.ts secrets|first-call', words: true } as const;

await runCommand(command, async ({ positionals: [hook] }, output, signal) => {
  if (hook !== 'secrets' && hook !== 'first-call') throw new Error(command.usage);
  const steps = new Steps(output, signal);
  try {
    await runHook(hook, process.env, { az: openAz(signal), ask: askAtTerminal(signal), steps, signal });
    return { ok: true, steps: steps.results };
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    return { ok: false, steps: steps.results };
  }
});

import { runCommand } from './command.ts';
import { commandLines } from './commands.ts';

/** `npm run help`: every command with what it does. */
await runCommand({ usage: 'npm run help' }, async (_args, output) => {
  const width = Math.max(...commandLines.map(({ call }) => call.length));
  output.say(
    [
      ...commandLines.map(({ call, does }) => `  ${call.padEnd(width)}  ${does.replaceAll('`', '')}`),
      '',
      '  -- --help shows the arguments of a command.',
    ].join('\n'),
  );
  return { ok: true, commands: commandLines };
});

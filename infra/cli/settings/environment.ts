import { existsSync, readFileSync } from 'node:fs';

/** The environment, and what it lacks from the file of Azure Functions Core Tools. */
export function localEnvironment(): Record<string, string | undefined> {
  const file = 'local.settings.json';
  if (!existsSync(file)) return process.env;
  const { Values = {} } = JSON.parse(readFileSync(file, 'utf8')) as { Values?: Record<string, string> };
  return { ...Values, ...process.env };
}

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Output } from '../../infra/cli/command.ts';
import type { ModelStandIn } from '../../infra/local/model/src/server.ts';
import { LimitReachedError } from '../../shared/limits/policies/errors.ts';
import { startAnthropicGateway } from '../gateways/anthropic-gateway.ts';
import { startOpenAiGateway } from '../gateways/openai-gateway.ts';
import { GATEWAY_KEY } from '../gateways/serve.ts';
import { policy } from '../limits/helpers.ts';
import { until } from '../support/recording.ts';
import type { ClientResult } from './run.ts';

/** What a file of the folder `sdks` does with its library. */
interface SdkCases {
  json(): Promise<string>;
  stream(): Promise<string>;
  /** A whole tool loop. */
  tools(): Promise<{ called: string | undefined; text: string }>;
  /** Leaves a stream after its first text. */
  abort(): Promise<void>;
  /** The HTTP status of an error that the library threw. */
  statusOf(error: Record<string, unknown>): unknown;
}

interface SdkProgram {
  /** Its package, whose version is reported. */
  installed: string;
  api: 'anthropic' | 'openai';
  open(options: { url: string; apiKey: string; model: string }): SdkCases;
}

const folder = new URL('./sdks/', import.meta.url);
/** Files that several others share. */
const shared = ['anthropic', 'langchain', 'tool', 'vercel'];
const TEXT = 'Fins and Things is dry.';
const models = { anthropic: 'claude-haiku-5-5', openai: 'gpt-4.1-mini' };

export const sdkNames = (): string[] =>
  readdirSync(fileURLToPath(folder))
    .map((file) => file.replace(/\.mjs$/, ''))
    .filter((name) => !shared.includes(name));

/** Where the programs are, and the folder with their `node_modules`. */
interface SdkFolders {
  programs: URL;
  packages: URL;
}

/** Calls both gateways with each library: JSON, streams, tools, an abort, an error and a limit that is reached. */
export async function runSdks(
  names: readonly string[],
  output: Pick<Output, 'progress'>,
  { programs, packages }: SdkFolders = { programs: folder, packages: new URL('.', import.meta.url) },
): Promise<ClientResult[]> {
  const gateways = { anthropic: await startAnthropicGateway(), openai: await startOpenAiGateway() };
  const results: ClientResult[] = [];
  try {
    for (const name of names) {
      output.progress(`${name} …`);
      const program = (await import(new URL(`${name}.mjs`, programs).href)) as SdkProgram;
      const gateway = gateways[program.api];
      const options = { url: gateway.url, apiKey: GATEWAY_KEY, model: models[program.api] };
      const faults: string[] = [];
      for (const [kind, check] of Object.entries(checks)) {
        gateway.reset();
        const fault = await check(program.open(options), gateway).catch((error: unknown) => String(error));
        if (fault !== undefined) faults.push(`${kind}: ${fault}`);
      }
      const installed = new URL(`node_modules/${program.installed}/package.json`, packages);
      const { version } = JSON.parse(readFileSync(installed, 'utf8')) as { version: string };
      results.push({ name, version, cases: Object.keys(checks).length, failed: faults.length, faults });
    }
  } finally {
    await Promise.all([gateways.anthropic.close(), gateways.openai.close()]);
  }
  return results;
}

type Gateway = Awaited<ReturnType<typeof startAnthropicGateway | typeof startOpenAiGateway>>;
/** What was wrong; undefined: nothing. */
type Check = (cases: SdkCases, gateway: Gateway) => Promise<string | undefined>;

const checks: Record<string, Check> = {
  async json(cases, { model, record }) {
    model.script({ text: TEXT });
    return wrongText(await cases.json()) ?? wrongBill(model, record, 1);
  },
  async stream(cases, { model, record }) {
    model.script({ text: TEXT });
    return wrongText(await cases.stream()) ?? wrongBill(model, record, 1);
  },
  async tools(cases, { model, record }) {
    const { called, text } = await cases.tools();
    if (called !== 'weather') return `the tool was not called: ${String(called)}`;
    return text === '' ? 'no text at the end' : wrongBill(model, record, 2);
  },
  async abort(cases, { model, record }) {
    model.script({ text: `${TEXT} `.repeat(200), eventDelayMs: 5 });
    await cases.abort().catch(() => undefined); // Libraries differ in whether this is an error.
    // The stand-in, too, has to have noticed: else it counts the call among those of a later case.
    await until(() => record.events.length > 0 && model.calls().length > 0);
    const [event] = record.events;
    return event?.outcome === 'aborted' && event.unitsEstimated ? undefined : `the event says ${event?.outcome}`;
  },
  async error(cases, { model }) {
    model.script({ error: { status: 400, message: 'Not like this.' } });
    return wrongFailure(cases, 400);
  },
  async 'limit reached'(cases, { record, model }) {
    record.behaviour.refuse = limitReached();
    const fault = await wrongFailure(cases, 402);
    // Each repetition of a client would be refused too.
    const asked = record.lines.filter(({ event }) => event === 'requests-failed').length;
    const called = model.calls().length;
    return fault ?? (called > 0 || asked !== 1 ? `asked ${asked} times, the model ${called} times` : undefined);
  },
};

const wrongText = (text: unknown): string | undefined =>
  text === TEXT ? undefined : `the text is ${JSON.stringify(text)}`;

/** The events must have the tokens that the stand-in would bill. */
function wrongBill(model: ModelStandIn, { events }: Gateway['record'], calls: number): string | undefined {
  const billed = model.calls().map(({ usage = {} }) => tokensOf(usage));
  const metered = events.map(({ units }) =>
    Object.values(units).reduce((sum, { input = 0, output = 0 }) => sum + input + output, 0),
  );
  if (billed.length !== calls) return `${billed.length} calls`;
  return String(billed) === String(metered) ? undefined : `${billed} tokens billed, ${metered} metered`;
}

/** Cache counts are 0 here. */
const tokensOf = (usage: Record<string, unknown>): number =>
  Number(usage['input_tokens'] ?? usage['prompt_tokens']) +
  Number(usage['output_tokens'] ?? usage['completion_tokens']);

async function wrongFailure(cases: SdkCases, status: number): Promise<string | undefined> {
  try {
    await cases.json();
  } catch (error) {
    const found = cases.statusOf(error as Record<string, unknown>);
    return found === status ? undefined : `status ${String(found)} instead of ${status}: ${String(error)}`;
  }
  return 'no error';
}

function limitReached(): LimitReachedError {
  const limit = { limitId: 'daily:2026-11-28', policy: policy() };
  const amounts = { max: 5n, spent: 5n, left: 0n, needed: 1n };
  return new LimitReachedError(
    { ...limit, ...amounts } as ConstructorParameters<typeof LimitReachedError>[0],
    Date.now(),
  );
}

import type { Settings } from '../config/settings.ts';
import { resolveModel } from '../model/clients/aliases.ts';
import { claudePlatform } from '../model/platforms/claude-platform.ts';
import { findPrices } from '../pricing/price-book.ts';
import { type Fault, type Finding, findingOf } from './check.ts';

const WAIT_MS = 10_000;

/** Does the provider take the key, and has it the models? Costs nothing. @throws Error when it can't be reached */
export async function checkProvider(settings: Settings, nowMs: number): Promise<Finding> {
  const models = modelsOf(settings);
  const faults = await Promise.all(models.map(async ([model, names]) => lookUp(settings, model, names)));
  const unpriced = models.filter(([model]) => findPrices(model, nowMs) === undefined);
  return findingOf(
    [
      ...faults.flatMap((fault) => fault ?? []),
      ...unpriced.map(([model, names]) => ({
        found: `${model} (${names}) has no price here, so its calls have no cost and no sound bound.`,
        mend: `Name a model of shared/pricing/prices.json in ${names}, or give its prices in MODEL_PRICES.`,
      })),
    ],
    `${settings.ANTHROPIC_BASE_URL} takes the key and has ${models.map(([model]) => model).join(', ')}.`,
  );
}

/** Anthropic's models that the settings name, each with the settings that do. */
function modelsOf(settings: Settings): [model: string, names: string][] {
  const { MODEL_ANALYSIS, MODEL_FINDER, MODEL_PLANNER, JUDGE_MODEL } = settings;
  const named = {
    MODEL_ANALYSIS,
    MODEL_FINDER,
    MODEL_PLANNER,
    ...(settings.JUDGE_PROVIDER === 'anthropic' && { JUDGE_MODEL }),
  };
  const models = new Map<string, string[]>();
  for (const [name, asked] of Object.entries(named)) {
    const model = resolveModel(asked, settings.MODEL_ALIASES);
    models.set(model, [...(models.get(model) ?? []), name]);
  }
  return [...models].map(([model, names]) => [model, names.join(', ')]);
}

async function lookUp(settings: Settings, model: string, names: string): Promise<Fault | undefined> {
  const response = await askFor(model, settings);
  await response.body?.cancel();
  if (response.ok) return undefined;
  const { status } = response;
  if (status === 401 || status === 403)
    return {
      found: `The model provider refuses ${settings.ANTHROPIC_API_KEY ? 'ANTHROPIC_API_KEY' : "the app's identity"} (${status}).`,
      mend: settings.ANTHROPIC_API_KEY
        ? 'Set ANTHROPIC_API_KEY to a key that is valid at ANTHROPIC_BASE_URL, and restart the app.'
        : 'Give the managed identity a role at ANTHROPIC_BASE_URL that may call models, or set ANTHROPIC_API_KEY.',
    };
  if (status === 404)
    return {
      found: `The model provider has no model ${model}, which ${names} names.`,
      mend: `Set ${names} to a model that the provider has.`,
    };
  return {
    found: `The model provider answers ${status}.`,
    mend: 'Try again later; look at the status page of the provider.',
  };
}

/** What is free: the model's description or, where the platform has none, the tokens of a short text. */
function askFor(model: string, settings: Settings): Promise<Response> {
  const { baseUrl, hasAllApis, fetch: send } = claudePlatform(settings);
  const headers = {
    'x-api-key': settings.ANTHROPIC_API_KEY ?? '',
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  };
  const signal = AbortSignal.timeout(WAIT_MS);
  if (hasAllApis) return send(`${baseUrl}/v1/models/${encodeURIComponent(model)}`, { headers, signal });
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'trail' }] });
  return send(`${baseUrl}/v1/messages/count_tokens`, { method: 'POST', headers, body, signal });
}

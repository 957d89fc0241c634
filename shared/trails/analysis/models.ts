import { invalidField, RequestError } from '../../errors/request-errors.ts';
import { resolveModel } from '../../model/clients/aliases.ts';

/** Models for photos, by the ids that a request may name. Retired ones are served by their successors. */
const current = ['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-5-5', 'claude-sonnet-5', 'claude-opus-5'];
const olderFrontEnds = [
  'claude-sonnet-4-20250514',
  'claude-opus-4-20250514',
  'claude-3-5-sonnet-20241022',
  'claude-3-5-haiku-20241022',
];
/** Claude ids in general: a new one works without a new list. */
const claude = /^claude-(?:sonnet|opus|haiku|fable)-[0-9][0-9a-z-]{0,40}$/;

/** Vision models of providers that the front-end knows and this service has no client for. */
const elsewhere: Record<string, string> = {
  'gpt-4o': 'openai',
  'gpt-4o-mini': 'openai',
  'gpt-4-turbo': 'openai',
  'gemini-2.0-flash': 'google',
  'gemini-1.5-pro': 'google',
  'gemini-1.5-flash': 'google',
  'gemini-pro-vision': 'google',
  'grok-2-vision': 'xai',
  'grok-2-vision-1212': 'xai',
  'anthropic.claude-3-5-sonnet-20241022-v2:0': 'bedrock',
  'anthropic.claude-3-sonnet-20240229-v1:0': 'bedrock',
  'anthropic.claude-3-haiku-20240307-v1:0': 'bedrock',
};
const withoutVision = ['gemini-pro', 'o1', 'o1-mini', 'grok-2'];

/**
 * The model that a request's `model` means.
 * @throws RequestError 400 with the front-end's texts.
 */
export function visionModel(requested: unknown, aliases: Record<string, string>): string {
  if (typeof requested !== 'string' || requested.length > 100)
    throw invalidField('model', 'must be the id of a model', `Unknown model. Supported models: ${supported}`);
  if (Object.hasOwn(aliases, requested)) return resolveModel(requested, aliases);
  if (withoutVision.includes(requested))
    throw invalidField('model', 'has no vision', `Model ${requested} does not support image analysis`);
  const provider = Object.hasOwn(elsewhere, requested) ? elsewhere[requested] : undefined;
  if (provider)
    throw new RequestError(
      'provider_not_configured',
      `Provider ${provider} is not configured. Supported models: ${supported}`,
      { status: 400, details: { fields: [{ field: 'model', problem: `its provider ${provider} is not configured` }] } },
    );
  if (!claude.test(requested) && !olderFrontEnds.includes(requested))
    throw invalidField('model', 'is not known', `Unknown model: ${requested}. Supported models: ${supported}`);
  return resolveModel(requested);
}

const supported = [...current, ...olderFrontEnds].join(', ');

import type { HttpAnswer } from '../../http/answer.ts';
import { type TextProvider, textProviders } from '../../model/clients/text-models.ts';
import { properties } from '../../trails/properties.ts';
import { refused } from '../../trails/structured-output/errors.ts';
import type { JudgeBody } from './bodies.ts';
import { noAnswer, unsupportedProvider } from './errors.ts';
import { type ProxyRequest, type ProxyServices, runProxied } from './run.ts';

/** `POST /judge`: a prompt, answered by a model of any of the four providers. */
export async function proxyJudge(
  { body, attribution }: ProxyRequest<JudgeBody>,
  services: ProxyServices,
): Promise<HttpAnswer> {
  const { provider } = body;
  if (!isProvider(provider)) throw unsupportedProvider(provider);
  const judge = services.textModel(provider, body.model);
  const about = { judge_provider: provider, judge_model: body.model };
  const track = {
    ...attribution,
    useCaseName: body.use_case_name,
    useCaseVersion: body.use_case_version,
    useCaseProperties: {
      ...body.use_case_properties,
      ...properties({ ...about, validated_use_case: body.validated_use_case, location: body.location }),
    },
    requestProperties: about,
  };
  return runProxied(services, track, body.model, async (signal) => {
    const answer = await judge.complete({ system: '', prompt: body.prompt, maxTokens: body.max_tokens, signal });
    if (answer.refused) throw refused();
    if (answer.truncated) throw noAnswer('it was cut off');
    return answer.text;
  });
}

const isProvider = (name: string): name is TextProvider => (textProviders as readonly string[]).includes(name);

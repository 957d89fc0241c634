import type { Stack } from './stack.ts';

const IMAGE = 'test/fixtures/trail.jpg';
const JSON_HEADER = "-H 'content-type: application/json'";

/** Every address of a stack that stands, and a curl line for each endpoint, ready to paste. */
export function describeStack(stack: Stack): string {
  const { url } = stack;
  const addresses = [
    ['the app', url],
    ['the console', `${url}/console`],
    ['Service Bus', stack.broker?.connectionString ?? 'the real one of your environment'],
    ['Table Storage', stack.tables?.url ?? 'the real one of your environment'],
    ['Pay-i', stack.payi?.url ?? 'the real one of your environment'],
    ['the model', stack.model?.url ?? 'the real one of your environment'],
    ['pages from', stack.settings['CORS_ORIGINS'] || 'no other origin (CORS_ORIGINS)'],
  ];
  return [
    '',
    ...addresses.map(([name, address]) => `  ${name?.padEnd(14)} ${address}`),
    '',
    ...curlLines(url).map((line) => `  ${line}`),
    '',
    ...standInLines(stack).map((line) => `  ${line}`),
    '',
    `  Any Anthropic SDK: new Anthropic({ baseURL: '${url}/anthropic', apiKey: 'any' })`,
    `  Any OpenAI SDK:    new OpenAI({ baseURL: '${url}/openai/v1', apiKey: 'any' })`,
    '',
    '  Ctrl-C ends all of it.',
    '',
  ].join('\n');
}

/** What the stand-ins got, and how to make them fail. */
function standInLines({ payi, model }: Stack): string[] {
  return [
    ...(payi
      ? [
          `events at Pay-i    ${payi.url}/_standin/events`,
          `Pay-i is down      curl -X POST ${payi.url}/_standin/faults -d '{"status":503,"forMs":30000}'`,
        ]
      : []),
    ...(model
      ? [
          `calls of the model ${model.url}/_standin/calls`,
          `the model fails    curl -X POST ${model.url}/_standin/script -d '{"error":{"status":529}}'`,
        ]
      : []),
  ];
}

/** Lines to paste, from the project's folder; each answers 2xx on a stack that has just been started. */
export function curlLines(url: string): string[] {
  const search = `'{"location":"Moab, Utah","searchRadius":50}'`;
  const plan = `'{"startLocation":"Barstow, CA","endLocation":"Needles, CA","durationDays":3}'`;
  const judge = `'{"useCase":"trail_finder","question":{"location":"Moab, Utah"},"answer":"Fins and Things, 9 miles."}'`;
  const prompt = `'{"prompt":"Three trails near Moab, please."}'`;
  const question = `'{"prompt":"Is Moab in Utah?"}'`;
  const message = `'{"model":"claude-haiku-5-5","max_tokens":200,"messages":[{"role":"user","content":"Hello"}]}'`;
  const ours = "-H 'x-use-case-id: 5b68b413-e0fc-4fa1-bd1a-26f3c5582e4e'";
  const score = `'{"useCase":{"name":"trail_finder","id":"5b68b413-e0fc-4fa1-bd1a-26f3c5582e4e"},"kpis":[{"name":"search_success","score":true}]}'`;
  const total = `'{"name":"curl-total","scope":"global","window":"none","maxUsd":100,"type":"allow"}'`;
  return [
    `curl ${url}/api/health`,
    `curl ${url}/api/health/ready`,
    `curl -X POST ${url}/api/trail-finder/search ${JSON_HEADER} -d ${search}`,
    `curl -N -X POST ${url}/api/trail-finder/search ${JSON_HEADER} -H 'accept: text/event-stream' -d ${search}`,
    `curl -X POST ${url}/api/analyze -F images=@${IMAGE} -F model=claude-sonnet-5-5`,
    `curl -X POST ${url}/api/routes/plan ${JSON_HEADER} -d ${plan}`,
    `curl -X POST ${url}/api/judge ${JSON_HEADER} -d ${judge}`,
    `curl ${url}/health`,
    `curl -X POST ${url}/trail-finder ${JSON_HEADER} -d ${prompt}`,
    `curl -X POST ${url}/judge ${JSON_HEADER} -d ${question}`,
    `curl -X POST ${url}/anthropic/v1/messages ${JSON_HEADER} -H 'anthropic-version: 2023-06-01' -H 'x-use-case-name: trail_finder' ${ours} -d ${message}`,
    `curl -X POST ${url}/api/kpis ${JSON_HEADER} -d ${score}`,
    `curl ${url}/api/limits`,
    `curl -X POST ${url}/api/limits ${JSON_HEADER} -d ${total}`,
    `curl ${url}/api/limits/curl-total:always`,
    `curl -X POST ${url}/api/limits/curl-total:always/reset`,
    `curl ${url}/api/limit-policies`,
    `curl ${url}/api/admin/audit`,
    `curl ${url}/api/admin/dead-letters`,
  ];
}

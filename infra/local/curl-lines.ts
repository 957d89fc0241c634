import type { Stack } from './stack.ts';

const image = 'test/fixtures/trail.jpg';
const json = "-H 'content-type: application/json'";

/** Every address of a stack that stands, and a curl line for each endpoint, ready to paste. */
export function describeStack(stack: Stack): string {
  const { url } = stack;
  const addresses = [
    ['the app', url],
    ['Service Bus', stack.broker?.connectionString ?? 'the real one of your environment'],
    ['Table Storage', stack.tables?.url ?? 'the real one of your environment'],
    ['Pay-i', stack.payi?.url ?? 'the real one of your environment'],
    ['the model', stack.model?.url ?? 'the real one of your environment'],
  ];
  return [
    '',
    ...addresses.map(([name, address]) => `  ${name?.padEnd(14)} ${address}`),
    '',
    ...curlLines(url).map((line) => `  ${line}`),
    '',
    '  Ctrl-C ends all of it.',
    '',
  ].join('\n');
}

function curlLines(url: string): string[] {
  const search = `'{"location":"Moab, Utah","searchRadius":50}'`;
  const plan = `'{"startLocation":"Barstow, CA","endLocation":"Needles, CA","durationDays":3}'`;
  return [
    `curl ${url}/api/health`,
    `curl -X POST ${url}/api/trail-finder/search ${json} -d ${search}`,
    `curl -N -X POST ${url}/api/trail-finder/search ${json} -H 'accept: text/event-stream' -d ${search}`,
    `curl -X POST ${url}/api/analyze -F images=@${image} -F model=claude-sonnet-5-5`,
    `curl -X POST ${url}/api/routes/plan ${json} -d ${plan}`,
  ];
}

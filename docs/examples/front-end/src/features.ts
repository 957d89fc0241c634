import { EventSourceParserStream } from 'eventsource-parser/stream';
import { client, type Failure, type Schemas, unreachable, withRetryAfter } from './client.ts';
import { upload } from './upload.ts';

/** An event of any feature's stream. Its name says what `data` is. */
export type FeatureEvent =
  | Schemas['AnalyzeEvent']
  | Schemas['SearchTrailsEvent']
  | Schemas['PlanRouteEvent']
  | Schemas['JudgeEvent'];

export interface Watcher {
  event(event: FeatureEvent): void;
  /** How much of the request is sent, 0 to 1. */
  sent(share: number): void;
  failed(failure: Failure): void;
}

/** A feature of the app: the use case that it counts for, and how a form is sent to it. */
export interface Feature {
  useCase: string;
  run(form: FormData, watcher: Watcher): Promise<void>;
}

const textOf = (form: FormData, name: string): string => String(form.get(name) ?? '');
/** Asks for events instead of one answer at the end. */
const streamed = { headers: { accept: 'text/event-stream' }, parseAs: 'stream' } as const;

export const features: Record<string, Feature> = {
  analyze: {
    useCase: 'trail_analysis',
    run: (form, watcher) => {
      const body = new FormData();
      for (const image of form.getAll('images')) body.append('images', image);
      const context: Schemas['AnalyzeRequest']['context'] = { trailName: textOf(form, 'trailName') };
      body.set('context', JSON.stringify(context));
      return upload('/api/analyze', body, watcher);
    },
  },
  search: {
    useCase: 'trail_finder',
    run: (form, watcher) => {
      const body = { location: textOf(form, 'location') };
      return watch(client.POST('/api/trail-finder/search', { body, ...streamed }), watcher);
    },
  },
  plan: {
    useCase: 'trail_planner',
    run: (form, watcher) => {
      const body = {
        startLocation: textOf(form, 'startLocation'),
        endLocation: textOf(form, 'endLocation'),
        durationDays: Number(form.get('durationDays')),
      };
      return watch(client.POST('/api/routes/plan', { body, ...streamed }), watcher);
    },
  },
  judge: {
    useCase: 'judge_validation',
    run: (form, watcher) => {
      const question = { text: textOf(form, 'question') };
      const body = { useCase: 'trail_finder', question, answer: textOf(form, 'answer') } as const;
      return watch(client.POST('/api/judge', { body, ...streamed }), watcher);
    },
  },
};

interface Streamed {
  data?: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  error?: Failure;
  response: Response;
}

/** Reports the events of an answer, or why there is none. */
async function watch(answer: Promise<Streamed>, watcher: Watcher): Promise<void> {
  try {
    const { data, error, response } = await answer;
    if (error) return watcher.failed(withRetryAfter(error, response.headers.get('retry-after')));
    if (!data) return watcher.failed(unreachable);
    const events = data.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const { event, data } of events) watcher.event({ event, data: JSON.parse(data) } as FeatureEvent);
  } catch {
    watcher.failed(unreachable);
  }
}

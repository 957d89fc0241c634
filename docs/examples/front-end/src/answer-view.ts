import { client, type Failure, type Schemas } from './client.ts';
import type { FeatureEvent, Watcher } from './features.ts';

type Metrics = Schemas['Metrics'];

/** Shows one answer in `place`: how far it is, its result with cost and limits, or its error. Texts are never read as HTML. */
export function createAnswerView(place: HTMLElement, useCase: string): Watcher {
  const sending = element('progress', { max: 1, value: 0 });
  const stage = element('p', { className: 'stage' });
  place.replaceChildren(sending, stage);
  const show = (...parts: Node[]): void => {
    sending.remove();
    place.append(...parts);
  };
  const failed = ({ error, code, details, retryAfterSeconds }: Failure): void => {
    stage.textContent = 'failed';
    const wait = retryAfterSeconds === undefined ? '' : ` Try again in ${retryAfterSeconds} s.`;
    const room =
      code === 'limit_reached' && details?.['leftUsd'] !== undefined ? ` Left: ${String(details['leftUsd'])} USD.` : '';
    show(element('p', { className: 'failure', textContent: `${error} (${code})${room}${wait}` }));
  };
  return {
    sent: (share) => {
      sending.value = share;
      stage.textContent = share < 1 ? 'sending' : 'sent';
    },
    event: ({ event, data }: FeatureEvent) => {
      if (event === 'error') return failed(data);
      if (event !== 'result') {
        stage.textContent = [event, 'query' in data ? data.query : ''].join(' ').trim();
        return;
      }
      const answer = data.data;
      stage.textContent = 'done';
      show(element('pre', { textContent: JSON.stringify(answer, undefined, 2) }));
      if ('metrics' in answer) show(costOf(answer.metrics), thumbsFor(useCase, answer.metrics.use_case_id));
    },
    failed,
  };
}

function costOf({ cost, limits }: Metrics): HTMLElement {
  const near = limits.map(({ limitId, state }) => `${limitId} is ${state}`);
  const text = [`Cost: ${cost === null ? 'not known yet' : `about ${cost.toFixed(4)} USD`}`, ...near].join('; ');
  return element('p', { className: 'cost', textContent: text });
}

/** What the user thinks of the answer, as a KPI of its instance. */
function thumbsFor(useCase: string, id: string): HTMLElement {
  const place = element('p', { className: 'thumbs' });
  const record = async (score: boolean): Promise<void> => {
    const kpis = [{ name: 'user_satisfaction', score }];
    const { error } = await client.POST('/api/kpis', { body: { useCase: { name: useCase, id }, kpis } });
    place.textContent = error ? error.error : 'Thank you.';
  };
  for (const [textContent, score] of [
    ['👍', true],
    ['👎', false],
  ] as const) {
    const button = element('button', { type: 'button', textContent, ariaLabel: score ? 'thumbs up' : 'thumbs down' });
    button.addEventListener('click', () => void record(score));
    place.append(button);
  }
  return place;
}

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(tag), properties);
}

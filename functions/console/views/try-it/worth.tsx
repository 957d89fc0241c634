import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import { hrefOf } from '../../data/place.ts';
import { useAction } from '../../data/use-action.ts';
import { count, duration } from '../../format/numbers.ts';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Name } from '../../parts/name.tsx';
import { Usd } from '../../parts/usd.tsx';
import type { Analysis } from './features.ts';

type Metrics = Analysis['metrics'];

/** What an answer cost, and what the user thinks of it: thumbs are a KPI of its instance. */
export function Worth({ metrics, useCase }: { metrics: Metrics; useCase: string }) {
  const { cost, inputTokens, outputTokens, modelCalls, latency, model, limits, use_case_id: id } = metrics;
  const [isRecorded, setRecorded] = useState(false);
  const rate = useAction(async (score: boolean) => {
    await request('POST /api/kpis', {
      body: { useCase: { name: useCase, id }, kpis: [{ name: 'user_satisfaction', score }] },
    });
    setRecorded(true);
  });
  return (
    <div class="worth">
      <p>
        <strong>
          <Usd value={cost} />
        </strong>{' '}
        for {count(inputTokens)} tokens in and {count(outputTokens)} out, {count(modelCalls)}{' '}
        {modelCalls === 1 ? 'call' : 'calls'} of <Name text={model} /> in {duration(latency)}
      </p>
      {limits.map(({ limitId, state }) => (
        <p key={limitId}>
          <Name text={limitId} /> is {state}.
        </p>
      ))}
      <p>
        {isRecorded ? (
          <span role="status">Thank you.</span>
        ) : (
          <>
            <button type="button" disabled={rate.isRunning} onClick={() => void rate.run(true)}>
              Thumbs up
            </button>{' '}
            <button type="button" disabled={rate.isRunning} onClick={() => void rate.run(false)}>
              Thumbs down
            </button>
          </>
        )}{' '}
        <a href={hrefOf({ view: 'instances', query: { useCase, id } })}>Open the instance</a>
      </p>
      {rate.failure && <FailureNotice failure={rate.failure} />}
    </div>
  );
}

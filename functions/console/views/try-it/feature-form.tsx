import { useRef, useState } from 'preact/hooks';
import { useAction } from '../../data/use-action.ts';
import { visibleName } from '../../format/names.ts';
import { percent } from '../../format/numbers.ts';
import { wordsOf } from '../../format/words.ts';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Answer } from './answer.tsx';
import { type FeatureAnswer, type FeatureName, features } from './features.ts';
import { FeatureFields } from './fields.tsx';
import { Worth } from './worth.tsx';

/** A feature's form, how far the work is, and the answer. */
export function FeatureForm({ name }: { name: FeatureName }) {
  const feature = features[name];
  const [stages, setStages] = useState<string[]>([]);
  const [sent, setSent] = useState(0);
  const [result, setResult] = useState<FeatureAnswer>();
  const abort = useRef<AbortController | undefined>(undefined);
  const run = useAction(async (form: FormData) => {
    setStages([]);
    setSent(0);
    setResult(undefined);
    abort.current = new AbortController();
    const watcher = {
      onSent: setSent,
      onStage: (stage: string, facts: Record<string, unknown>) => {
        const text = stageText(stage, facts);
        // An answer is written in many pieces.
        setStages((before) => (before.at(-1) === text ? before : [...before, text]));
      },
    };
    setResult(await feature.run(form, watcher, abort.current.signal));
  });
  const metrics = result && 'metrics' in result.answer ? result.answer.metrics : undefined;
  return (
    <div class="columns">
      <section class="panel" aria-label={feature.title}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void run.run(new FormData(event.currentTarget));
          }}
        >
          <div class="body fields">
            <FeatureFields name={name} />
          </div>
          <footer>
            {run.isRunning && (
              <button type="button" onClick={() => abort.current?.abort()}>
                Stop
              </button>
            )}
            <button type="submit" class="main" disabled={run.isRunning}>
              {feature.verb}
            </button>
          </footer>
        </form>
      </section>
      <section class="panel" aria-label="Answer" aria-busy={run.isRunning}>
        <div class="body answer">
          {run.isRunning && <progress max={1} {...(sent < 1 && { value: sent })} aria-label="Progress" />}
          <ol class="stages" aria-live="polite">
            {run.isRunning && sent > 0 && sent < 1 && <li>Sending: {percent(sent)}</li>}
            {stages.map((stage, index) => (
              <li key={`${index} ${stage}`}>{stage}</li>
            ))}
          </ol>
          {run.failure && <FailureNotice failure={run.failure} />}
          {!result && !run.failure && !run.isRunning && (
            <p class="empty">A call costs what the model costs, and counts for you.</p>
          )}
          {metrics && <Worth key={metrics.use_case_id} metrics={metrics} useCase={feature.useCase} />}
          {result && <Answer result={result} />}
        </div>
      </section>
    </div>
  );
}

/** A stage in words, with what is searched for. */
function stageText(stage: string, facts: Record<string, unknown>): string {
  const { query } = facts;
  return typeof query === 'string' ? `${wordsOf(stage)}: ${visibleName(query)}` : wordsOf(stage);
}

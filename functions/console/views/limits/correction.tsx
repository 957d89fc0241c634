import { request } from '../../data/client.ts';
import { useAction } from '../../data/use-action.ts';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Field } from '../../parts/forms/field.tsx';
import { Amount } from './amount.tsx';
import { type Limit, unitWords } from './limit-figures.ts';

/** Calls whose process died are booked at what they held, until somebody knows what they cost. */
export function Correction({ limit, onDone }: { limit: Limit; onDone: (said: string) => void }) {
  const { unit, abandoned } = limit;
  const correct = useAction(async (actual: number) => {
    await request('POST /api/limits/{id}/correct', {
      params: { id: limit.limitId },
      body: unit === 'usd' ? { abandonedUsd: abandoned, actualUsd: actual } : { abandoned, actual },
    });
    onDone(`Corrected ${limit.limitId}.`);
  });
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void correct.run(Number(new FormData(event.currentTarget).get('actual')));
      }}
    >
      <p>
        <Amount unit={unit} value={abandoned} /> are booked for calls whose process died. If you know what they cost,
        correct it.
      </p>
      <Field
        label={`They took, in ${unitWords(unit)}`}
        name="actual"
        type="number"
        min="0"
        max={abandoned}
        step={unit === 'usd' ? 'any' : '1'}
        value="0"
        required
      />
      {correct.failure && <FailureNotice failure={correct.failure} />}
      <button type="submit" disabled={correct.isRunning}>
        Correct
      </button>
    </form>
  );
}

import { useState } from 'preact/hooks';
import { request } from '../../../data/client.ts';
import { count } from '../../../format/numbers.ts';
import { Confirm } from '../../../parts/forms/confirm.tsx';

/** Sets all limits of a policy without a window to 0. */
export function ResetPolicy({
  name,
  onClose,
  onDone,
}: {
  name: string;
  onClose: () => void;
  onDone: (said: string) => void;
}) {
  const [left, setLeft] = useState<number>();
  // Of this reset: by it a repetition, after a failure too, goes on where the last one ended.
  const [resetId] = useState(() => `console-${Date.now()}-${Math.random().toString(36).slice(2)}`);
  const reset = async () => {
    let remaining: number;
    do {
      const answer = await request('POST /api/limit-policies/{name}/reset', {
        params: { name },
        headers: { 'idempotency-key': resetId },
      });
      remaining = answer.left;
      setLeft(remaining);
    } while (remaining > 0);
    onDone(`Reset all limits of ${name}.`);
  };
  return (
    <Confirm title={`Reset all limits of ${name}`} verb="Reset" onClose={onClose} act={reset}>
      <p>
        What the limits of this policy have spent becomes 0, here and at Pay-i. What calls in flight hold stays held.
      </p>
      {left !== undefined && <p role="status">{count(left)} are left.</p>}
    </Confirm>
  );
}

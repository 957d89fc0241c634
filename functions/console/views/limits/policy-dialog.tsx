import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import { useAction } from '../../data/use-action.ts';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Dialog } from '../../parts/forms/dialog.tsx';
import { Field, SelectField, TextField } from '../../parts/forms/field.tsx';
import { differencesOf } from './difference.ts';
import { DifferenceTable } from './difference-table.tsx';
import type { Policy } from './load.ts';
import { areMembers, emptyPolicy, otherMembers, policyOf, updateOf } from './policy-form.ts';

/** Creates a policy, or changes one. What would change is shown before it is done. */
export function PolicyDialog({
  policy,
  etag,
  onClose,
  onDone,
}: {
  /** Absent: a new one. */
  policy: Policy | undefined;
  /** Of the policy as it was read. */
  etag: string | undefined;
  onClose: () => void;
  onDone: (said: string) => void;
}) {
  const [drafted, setDrafted] = useState<Policy>();
  const [isShown, setShown] = useState(false);
  const [isUnreadable, setUnreadable] = useState(false);
  const before = policy ?? emptyPolicy;
  const draft = drafted ?? before;
  const differences = differencesOf(policy ?? null, draft);
  const save = useAction(async () => {
    if (policy)
      await request('PUT /api/limits/{id}', {
        params: { id: policy.name },
        body: updateOf(policy, draft),
        headers: { 'if-match': etag ?? '' },
      });
    else await request('POST /api/limits', { body: draft });
    onDone(policy ? `Changed ${draft.name}.` : `Created ${draft.name}.`);
  });

  return (
    <Dialog title={policy ? `Change ${policy.name}` : 'New policy'} onClose={onClose}>
      {isShown ? (
        <>
          <div class="body">
            <DifferenceTable differences={differences} />
            {save.failure && <FailureNotice failure={save.failure} />}
          </div>
          <footer>
            <button type="button" onClick={() => setShown(false)}>
              Back
            </button>
            <button
              type="button"
              class="main"
              disabled={save.isRunning || differences.length === 0}
              onClick={() => void save.run()}
            >
              {policy ? 'Change' : 'Create'}
            </button>
          </footer>
        </>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            if (!areMembers(String(form.get('others')))) return setUnreadable(true);
            setUnreadable(false);
            setDrafted(policyOf(form, before));
            setShown(true);
          }}
        >
          <div class="body fields">
            <PolicyFields policy={draft} isNew={policy === undefined} isUnreadable={isUnreadable} />
          </div>
          <footer>
            <button type="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" class="main">
              Show the difference
            </button>
          </footer>
        </form>
      )}
    </Dialog>
  );
}

function PolicyFields({ policy, isNew, isUnreadable }: { policy: Policy; isNew: boolean; isUnreadable: boolean }) {
  return (
    <>
      <Field
        label="Name"
        name="name"
        value={policy.name}
        disabled={!isNew}
        required
        pattern="[a-z0-9][a-z0-9\-]{0,40}"
        hint="Small letters, digits and dashes. It begins the ids of the limits."
      />
      <SelectField label="Scope" name="scope" value={policy.scope} disabled={!isNew} options={scopes} />
      <SelectField label="Window" name="window" value={policy.window} options={windows} />
      <SelectField label="Unit" name="unit" value={policy.unit ?? 'usd'} disabled={!isNew} options={units} />
      <Field
        label="Maximum"
        name="maximum"
        type="number"
        min="0.000001"
        step="any"
        required
        value={policy.maxUsd ?? policy.max ?? 1}
        hint="In the unit. Counts are whole numbers."
      />
      <Field
        label="Threshold in %"
        name="threshold"
        type="number"
        min="75"
        max="99"
        step="any"
        value={policy.threshold === undefined ? '' : Math.round(policy.threshold * 10_000) / 100}
        hint="From here on there are warnings. Empty: none."
      />
      <SelectField label="Type" name="type" value={policy.type} options={types} />
      <Field
        label="Use cases"
        name="useCases"
        value={(policy.useCases ?? []).join(', ')}
        hint="Only their calls count. Empty: all calls."
      />
      <SelectField
        label="While the limit can’t be read"
        name="whenUnreadable"
        value={policy.whenUnreadable ?? 'closed'}
        options={unreadable}
      />
      <SelectField
        label="Bound of calls with server tools"
        name="bound"
        value={policy.bound ?? 'learned'}
        options={bounds}
      />
      <Field label="Enabled" name="enabled" type="checkbox" checked={policy.enabled ?? true} />
      <Field
        label="Shadow"
        name="shadow"
        type="checkbox"
        checked={policy.shadow ?? false}
        hint="Refuses nothing and reports what it would have refused."
      />
      <TextField
        label="Other members, as JSON"
        name="others"
        value={otherMembers(policy)}
        hint={
          isUnreadable ? (
            <strong>Must be a JSON object, such as {EXAMPLE}.</strong>
          ) : (
            <>Such as {EXAMPLE}. The API names them all.</>
          )
        }
      />
    </>
  );
}

const EXAMPLE = '{"zone": "Europe/Berlin", "start": {"hour": 6}}';
const scopes = [
  ['global', 'all calls'],
  ['use_case', 'each use case'],
  ['user', 'each user'],
  ['account', 'each account'],
  ['key', 'each access key'],
  ['version', 'each version of a use case'],
  ['model', 'each model'],
  ['property', 'each value of a property'],
  ['user+use_case', 'each user in each use case'],
  ['account+use_case', 'each account in each use case'],
  ['user+model', 'each user on each model'],
  ['user+property', 'each user by a property'],
] as const;
const windows = [
  ['minute', 'minute'],
  ['hour', 'hour'],
  ['day', 'day'],
  ['week', 'week'],
  ['month', 'month'],
  ['quarter', 'quarter'],
  ['days', 'a number of days'],
  ['none', 'none: until it is reset'],
] as const;
const units = [
  ['usd', 'USD'],
  ['tokens', 'tokens'],
  ['input_tokens', 'input tokens'],
  ['output_tokens', 'output tokens'],
  ['requests', 'requests'],
  ['images', 'images'],
  ['web_searches', 'web searches'],
] as const;
const types = [
  ['block', 'block: refuses calls without room'],
  ['allow', 'allow: only warns'],
] as const;
const unreadable = [
  ['closed', 'refuse calls'],
  ['open', 'let calls pass'],
] as const;
const bounds = [
  ['learned', 'learned, for streams'],
  ['learned_unstreamed', 'learned, for all calls'],
  ['sound', 'sound'],
] as const;

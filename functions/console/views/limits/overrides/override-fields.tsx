import { localInput } from '../../../format/times.ts';
import { Field } from '../../../parts/forms/field.tsx';
import type { Policy } from '../load.ts';
import { MaximumField } from '../maximum-field.tsx';
import { holderOf } from './override.ts';
import { holderWords, unitOfPolicy, usualMaximum } from './override-form.ts';

/** What the form begins with. */
export interface Draft {
  /** '' for one that is yet to be named. */
  name: string;
  /** In the unit of the policy; absent: what it is without the override. */
  maximum: number | undefined;
  /** ISO 8601; undefined for one without an end. */
  until: string | undefined;
}

/** Whose maximum is another one, which, and until when. */
export function OverrideFields({ policy, draft }: { policy: Policy; draft: Draft }) {
  const holder = holderOf(policy) ?? 'user';
  return (
    <>
      <Field
        label={holderWords(holder, policy.property)}
        name="name"
        value={draft.name}
        required
        maxLength={200}
        hint="As calls name it."
      />
      <MaximumField unit={unitOfPolicy(policy)} value={draft.maximum ?? usualMaximum(policy, draft.name)} />
      <Field
        label="Until"
        name="until"
        type="datetime-local"
        value={localInput(draft.until)}
        hint="In your time zone. Empty: until it is removed."
      />
    </>
  );
}

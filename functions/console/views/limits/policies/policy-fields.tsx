import { useState } from 'preact/hooks';
import { Field, SelectField, TextField } from '../../../parts/forms/field.tsx';
import type { Policy } from '../load.ts';
import { MaximumField } from '../maximum-field.tsx';
import { AlertsField } from './alerts-field.tsx';
import { maximaText, usedInputs } from './policy-form.ts';
import { bounds, scopes, types, units, unreadable, windows } from './policy-words.ts';
import { WindowFields } from './window-fields.tsx';

/** The inputs of a policy. Those that its scope, unit and window have no use for are not shown. */
export function PolicyFields({ policy, before }: { policy: Policy; before: Policy | undefined }) {
  const [scope, setScope] = useState(policy.scope);
  const [window, setWindow] = useState(policy.window);
  const [unit, setUnit] = useState(policy.unit ?? 'usd');
  const isNew = before === undefined;
  const used = usedInputs({ scope, unit, window });
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
      <SelectField label="Scope" name="scope" value={scope} disabled={!isNew} options={scopes} onChange={setScope} />
      {used.property && (
        <Field
          label="Property"
          name="property"
          value={policy.property ?? ''}
          disabled={!isNew}
          required
          maxLength={100}
          hint="Its name, such as customer_tier."
        />
      )}
      <SelectField label="Unit" name="unit" value={unit} disabled={!isNew} options={units} onChange={setUnit} />
      <MaximumField key={unit} unit={unit} value={policy.maxUsd ?? policy.max ?? 1} />
      {used.maxima && (
        <TextField
          label="Other maxima"
          name="maxima"
          value={maximaText(policy)}
          hint="For some keys of the scope, a line each: enterprise = 50."
        />
      )}
      <SelectField label="Window" name="window" value={window} options={windows} onChange={setWindow} />
      <WindowFields policy={policy} used={used} />
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
      <AlertsField policy={policy} />
      <SelectField label="Type" name="type" value={policy.type} options={types} />
      <Field
        label="Use cases"
        name="useCases"
        value={(policy.useCases ?? []).join(', ')}
        hint="Only their calls count. With commas between. Empty: all calls."
      />
      <Field
        label="Models"
        name="models"
        value={(policy.models ?? []).join(', ')}
        hint="Only calls that they may answer count. Empty: all calls."
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
      {used.atPayi && (
        <SelectField
          label="Its limits exist at Pay-i"
          name="atPayi"
          value={policy.atPayi === undefined ? '' : policy.atPayi ? 'yes' : 'no'}
          // What a policy once says of it can be changed, not taken away.
          options={before?.atPayi === undefined ? [['', 'as usual for the scope'], ...yesNo] : yesNo}
        />
      )}
      <Field label="Enabled" name="enabled" type="checkbox" checked={policy.enabled ?? true} />
      <Field
        label="Shadow"
        name="shadow"
        type="checkbox"
        checked={policy.shadow ?? false}
        hint="Refuses nothing and reports what it would have refused."
      />
    </>
  );
}

const yesNo = [
  ['yes', 'yes'],
  ['no', 'no'],
] as const;

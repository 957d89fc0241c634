import { useId } from 'preact/hooks';
import { Field, SelectField } from '../../../parts/forms/field.tsx';
import type { Policy } from '../load.ts';
import type { UsedInputs } from './policy-form.ts';
import { weekdays } from './policy-words.ts';

/** Where a window of the calendar begins, and by whose clock. */
export function WindowFields({ policy, used }: { policy: Policy; used: UsedInputs }) {
  const { days, zone, start = {} } = policy;
  const zones = useId();
  return (
    <>
      {used.days && (
        <>
          <Field
            label="Length in days"
            name="days"
            type="number"
            min="1"
            max="3660"
            step="1"
            required
            value={days ?? 14}
          />
          <Field label="One of its first days" name="date" type="date" required value={start.date ?? ''} />
        </>
      )}
      {used.weekday && (
        <SelectField label="Begins on" name="weekday" value={start.weekday ?? 'monday'} options={weekdays} />
      )}
      {used.day && (
        <Field
          label="Begins on day"
          name="day"
          type="number"
          min="1"
          max="31"
          step="1"
          value={start.day ?? ''}
          hint="Of the month. Empty: the first. In a shorter month the last."
        />
      )}
      {used.zone && (
        <>
          <Field
            label="Begins at hour"
            name="hour"
            type="number"
            min="0"
            max="23"
            step="1"
            value={start.hour ?? ''}
            hint="0 to 23. Empty: at midnight."
          />
          <Field
            label="Time zone"
            name="zone"
            list={zones}
            value={zone ?? ''}
            hint="Such as Europe/Berlin. Empty: UTC."
          />
          <datalist id={zones}>
            {Intl.supportedValuesOf('timeZone').map((each) => (
              <option key={each} value={each} />
            ))}
          </datalist>
        </>
      )}
    </>
  );
}

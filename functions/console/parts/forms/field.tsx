import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  label: string;
  name: string;
  hint?: ComponentChildren;
  type?: 'text' | 'number' | 'checkbox' | 'datetime-local' | 'date' | 'search';
  value?: string | number;
  checked?: boolean;
  disabled?: boolean;
  required?: boolean;
  pattern?: string;
  min?: string | number;
  max?: string | number;
  step?: string;
  maxLength?: number;
  /** The id of a datalist with suggestions. */
  list?: string;
}

/** An input with its name and, where it needs one, a hint. */
export function Field({ label, hint, type = 'text', value, checked, ...input }: FieldProps) {
  const id = useId();
  return (
    <div class={type === 'checkbox' ? 'field check' : 'field'}>
      <label for={id}>{label}</label>
      <input
        {...input}
        type={type as 'text'}
        id={id}
        // What the form begins with. As `value` it would replace what was filled in whenever the page is drawn again.
        {...(value !== undefined && { defaultValue: String(value) })}
        {...(checked !== undefined && { defaultChecked: checked })}
        {...(hint && { 'aria-describedby': hintId(id) })}
      />
      <Hint of={id} text={hint} />
    </div>
  );
}

/** One of a few values, as a field of a form. */
export function SelectField<V extends string>({
  label,
  name,
  value,
  options,
  disabled,
  onChange,
}: {
  label: string;
  name: string;
  value: V;
  options: readonly (readonly [value: V, text: string])[];
  disabled?: boolean;
  onChange?: (value: V) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        name={name}
        disabled={disabled}
        {...(onChange && { onChange: (event) => onChange(event.currentTarget.value as V) })}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each} selected={each === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A text of several lines. */
export function TextField({
  label,
  name,
  value,
  hint,
  required,
}: Pick<FieldProps, 'label' | 'name' | 'hint' | 'required'> & { value?: string }) {
  const id = useId();
  return (
    <div class="field whole">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        name={name}
        rows={3}
        spellcheck={false}
        required={required}
        defaultValue={value}
        {...(hint && { 'aria-describedby': hintId(id) })}
      />
      <Hint of={id} text={hint} />
    </div>
  );
}

const hintId = (fieldId: string): string => `${fieldId}-hint`;

const Hint = ({ of, text }: { of: string; text: ComponentChildren }) =>
  text ? (
    <p id={hintId(of)} class="muted">
      {text}
    </p>
  ) : null;

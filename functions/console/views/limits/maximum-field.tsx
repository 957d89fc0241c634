import { Field } from '../../parts/forms/field.tsx';
import { type Unit, unitWords } from './limit-figures.ts';

/** The input of a maximum, in its unit. */
export const MaximumField = ({ unit, value }: { unit: Unit; value: number }) =>
  unit === 'usd' ? (
    <Field label="Maximum in USD" name="maximum" type="number" min="0.000001" step="any" required value={value} />
  ) : (
    <Field
      label={`Maximum of ${unitWords(unit)}`}
      name="maximum"
      type="number"
      min="1"
      step="1"
      required
      value={Math.ceil(value)}
    />
  );

import { Field, TextField } from '../../parts/forms/field.tsx';
import type { FeatureName } from './features.ts';
import { PhotoField } from './photo-field.tsx';

/** The inputs of a feature's form. */
export function FeatureFields({ name }: { name: FeatureName }) {
  if (name === 'analyze')
    return (
      <>
        <PhotoField />
        <Field label="Trail" name="trailName" maxLength={200} />
        <TextField label="Notes" name="additionalNotes" />
      </>
    );
  if (name === 'search')
    return (
      <>
        <Field label="Near" name="location" value="Moab, Utah" required maxLength={200} />
        <Field label="Within, in miles" name="searchRadius" type="number" min="1" max="500" value="50" required />
      </>
    );
  if (name === 'plan')
    return (
      <>
        <Field label="From" name="startLocation" value="Barstow, CA" required maxLength={200} />
        <Field label="To" name="endLocation" value="Needles, CA" required maxLength={200} />
        <Field label="Days" name="durationDays" type="number" min="1" max="30" value="3" required />
      </>
    );
  return (
    <>
      <Field label="Question" name="question" value="Moderate trails near Moab" required maxLength={4_000} />
      <TextField
        label="Answer"
        name="answer"
        value="Fins and Things is a moderate trail of nine miles."
        required
        hint="The judge looks at it as an answer of the trail finder."
      />
    </>
  );
}

import { z } from 'zod';
import type { Path, Problem, Reading } from './read-answer.ts';

/** What people must know of an answer that could not be read as a whole. */
export const unknownsSchema = z.strictObject({
  /** Paths of members whose value is not known, such as `recommendations.0.difficulty`. The most careful value stands there. */
  unknown: z.array(z.string()),
  /** One sentence for each, and for what is longer than was asked for. */
  warnings: z.array(z.string()),
});
export type Unknowns = z.output<typeof unknownsSchema>;

export function unknownsOf({ problems, long }: Pick<Reading<unknown>, 'problems' | 'long'>): Unknowns {
  return {
    unknown: problems.map(({ path }) => path.join('.')),
    warnings: [
      ...problems.map(warningOf),
      ...long.map((path) => `${inWords(path)}: longer than was asked for; all of it is shown.`),
    ],
  };
}

const warningOf = ({ path }: Problem): string =>
  `${inWords(path)}: unknown. The AI model's answer could not be read here; find out before you rely on it.`;

/** `recommendations.0.vehicleCompatibility` as "Recommendations 1, vehicle compatibility". */
function inWords(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += ` ${step + 1}`;
    else text += `${text && ', '}${step.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`;
  }
  return text === '' ? 'The answer' : `${text[0]?.toUpperCase()}${text.slice(1)}`;
}

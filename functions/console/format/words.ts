/** The name of a member as words: `recommendedTirePressure` is "Recommended tire pressure". */
export function wordsOf(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

const acts: Readonly<Record<string, string>> = {
  block: 'blocks',
  allow: 'warns',
  fall_back: 'falls back',
  ask: 'asks',
};

/** What a limit of a type does at its maximum. */
export const actOf = (type: string): string => acts[type] ?? type;

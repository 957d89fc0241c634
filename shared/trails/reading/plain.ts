/** A word without case, separators and signs: `Not Recommended`, `not_recommended` and `NotRecommended` are one. */
export const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Whether two plain words differ by no more than one slip of a finger. */
export function isAlike(one: string, other: string): boolean {
  const longer = Math.max(one.length, other.length);
  let start = 0;
  while (start < longer && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  return longer - start - end <= (longer < 6 ? 1 : 2);
}

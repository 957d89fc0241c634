import { isRecord } from '../../util/json/record.ts';
import { plain } from './plain.ts';
import type { Path, Problem, Reading } from './read-answer.ts';

/**
 * Two readings of one answer as one: what the first could read stays, and the second, which was asked for the rest, fills in
 * only that. So no second attempt takes back a warning that was read once.
 */
export function mend<T>(first: Reading<T>, second: Reading<T>): Reading<T> {
  if (second.value === undefined) return first;
  if (first.value === undefined) return second;
  const value = structuredClone(first.value);
  const problems: Problem[] = [];
  for (const problem of first.problems) {
    const left = second.problems.filter(({ path }) => startsWith(path, problem.path));
    const covered = second.problems.some(({ path }) => startsWith(problem.path, path));
    const mended = at(second.value, problem.path);
    if (covered || saysLess(mended, at(value, problem.path)) || !sameItems(value, second.value, problem.path))
      problems.push(problem);
    else {
      put(value, problem.path, mended);
      problems.push(...left);
    }
  }
  return { value, problems, long: first.long };
}

/** The second attempt sees only the text of the first: an empty list from it is what it did not find, not that there is nothing. */
const saysLess = (mended: unknown, unknown: unknown): boolean =>
  Array.isArray(mended) && mended.length === 0 && Array.isArray(unknown) && unknown.length > 0;

const startsWith = (path: Path, start: Path): boolean => start.every((step, index) => path[index] === step);

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inside, step) =>
      typeof step === 'number'
        ? Array.isArray(inside)
          ? inside[step]
          : undefined
        : isRecord(inside)
          ? inside[step]
          : undefined,
    value,
  );
}

function put(value: unknown, path: Path, mended: unknown): void {
  const last = path.at(-1);
  const parent = at(value, path.slice(0, -1));
  if (last === undefined || mended === undefined) return;
  if (isRecord(parent)) parent[last] = mended;
  else if (Array.isArray(parent)) parent[Number(last)] = mended;
}

/** Whether the lists on the way to a place have the same items in both: as many, and of the same name where it is known. */
function sameItems(one: unknown, other: unknown, path: Path): boolean {
  return path.every((step, depth) => {
    if (typeof step !== 'number') return true;
    const [left, right] = [at(one, path.slice(0, depth)), at(other, path.slice(0, depth))];
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    const [a, b] = [nameOf(left[step]), nameOf(right[step])];
    return a === undefined || b === undefined || path[depth + 1] === 'name' || a === b;
  });
}

/** Undefined for an item whose name is unknown, too. */
const nameOf = (item: unknown): string | undefined =>
  isRecord(item) && typeof item['name'] === 'string' && !/^unknown\b/i.test(item['name'])
    ? plain(item['name'])
    : undefined;

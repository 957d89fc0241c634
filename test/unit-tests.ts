import { filesBelow, importsOf, textOf } from './structure/sources.ts';

/** What a unit test does without: the stand-ins, processes of its own and listening servers. */
const heavyFolder = /^infra\/local\//;
const heavyModule = /from '(?:node:child_process|node:http|node:net|vite)'/;

/** Test files that need nothing but this process: no stand-in, no other process, no port. */
export function findUnitTests(): string[] {
  const known = new Map<string, boolean>();
  const isHeavy = (file: string): boolean => {
    const before = known.get(file);
    if (before !== undefined) return before;
    known.set(file, false);
    const heavy =
      heavyFolder.test(file) ||
      heavyModule.test(textOf(file)) ||
      importsOf(file).some(({ target }) => target.endsWith('.ts') && isHeavy(target));
    known.set(file, heavy);
    return heavy;
  };
  return filesBelow('test').filter((file) => file.endsWith('.test.ts') && !isHeavy(file));
}

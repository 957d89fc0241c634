/** Files that `func azure functionapp publish` never packs. */
const never = /(^|\/)(\.git|\.vscode)\/|(^|\/)(\.funcignore|\.gitignore|local\.settings\.json|project\.lock\.json)$/;

/**
 * Which paths `func azure functionapp publish` packs, as its source has it: a line of `.funcignore` is the beginning of a path up to the
 * end of a word, `*` is any name, `?` is itself, and `!` wins over all other lines.
 */
export function funcRules(funcignore: string): (path: string) => boolean {
  const lines = funcignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const denied = patternOf(lines.filter((line) => !line.startsWith('!')));
  const accepted = patternOf(lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1)));
  return (path) => !never.test(path) && (accepted.test(path) || !denied.test(path));
}

const patternOf = (lines: string[]): RegExp =>
  lines.length === 0 ? /(?!)/ : new RegExp(`^(${lines.map((line) => `(${expressionOf(line)})`).join('|')})\\b`);

const expressionOf = (line: string): string =>
  line
    .replace(/^\//, '')
    .replace(/[-[\]/{}()+?.\\^$|]/g, '\\$&')
    .replaceAll('**', '(.+)')
    .replaceAll('*', '([^\\/]+)');

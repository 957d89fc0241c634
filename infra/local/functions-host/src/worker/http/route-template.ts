/** Route values of a request, as text; an optional part that is absent has none. */
export type RouteValues = Record<string, string>;

interface Parameter {
  name: string;
  constraints: ((value: string) => boolean)[];
}

interface Segment {
  /** Matches the whole segment; group i holds the value of parameter i. */
  pattern: RegExp;
  parameters: Parameter[];
  optional: boolean;
  catchAll: boolean;
  defaultValue: string | undefined;
}

export type Route = (path: string) => RouteValues | undefined;

/**
 * Compiles an ASP.NET route template (`api/items/{id:int?}`, `files/{name}.{type}`, `{*rest}`) to a matcher of paths.
 * Text matches without regard to case; a slash at the end of the path does not matter.
 * @throws Error that names the template and the part that it cannot read
 */
export function compileRoute(template: string): Route {
  const segments = splitSegments(template.replace(/^~?\//, '').replace(/\/$/, '')).map((text) =>
    readSegment(text, template),
  );
  return (path) => matchSegments(segments, path);
}

function matchSegments(segments: Segment[], path: string): RouteValues | undefined {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  const parts = trimmed === '' ? [] : trimmed.split('/');
  const values: RouteValues = {};
  for (const [index, segment] of segments.entries()) {
    const text = segment.catchAll ? parts.slice(index).join('/') : parts[index];
    if (text === undefined || (text === '' && segment.catchAll)) {
      if (!segment.optional && !segment.catchAll && segment.defaultValue === undefined) return undefined;
      const name = segment.parameters[0]?.name;
      if (name !== undefined && segment.defaultValue !== undefined) values[name] = segment.defaultValue;
      continue;
    }
    const match = segment.pattern.exec(text);
    if (match === null) return undefined;
    for (const [group, parameter] of segment.parameters.entries()) {
      const value = match[group + 1] ?? '';
      if (!parameter.constraints.every((allows) => allows(value))) return undefined;
      values[parameter.name] = value;
    }
  }
  const takesAll = segments.at(-1)?.catchAll === true;
  return takesAll || parts.length <= segments.length ? values : undefined;
}

/** Splits at slashes outside of braces (a regex constraint may hold some). */
function splitSegments(template: string): string[] {
  if (template === '') return [];
  return template.split(/\/(?![^{]*\}(?!\}))/);
}

function readSegment(text: string, template: string): Segment {
  const parameters: Parameter[] = [];
  let optional = false;
  let catchAll = false;
  let defaultValue: string | undefined;
  let pattern = '';
  let rest = text;
  while (rest !== '') {
    const literal = /^[^{}]+/.exec(rest)?.[0];
    const group = literal === undefined ? /^\{((?:[^{}]|\{\{|\}\}|\{[\d,]+\})+)\}/.exec(rest) : null;
    if (literal !== undefined) pattern += literally(literal);
    else if (group?.[1] !== undefined) {
      const part = readParameter(group[1], template);
      parameters.push(part);
      ({ optional, catchAll, defaultValue } = part);
      pattern += part.catchAll ? '([^]*)' : '([^/]+)';
    } else throw new Error(`Route "${template}": cannot read "${rest}".`);
    rest = rest.slice((literal ?? group?.[0] ?? rest).length);
  }
  return { pattern: new RegExp(`^${pattern}$`, 'i'), parameters, optional, catchAll, defaultValue };
}

function readParameter(
  text: string,
  template: string,
): Parameter & { optional: boolean; catchAll: boolean; defaultValue: string | undefined } {
  const match = /^(\*{0,2})(\w+)((?::(?:[^:=?()]+(?:\((?:[^()]|\([^()]*\))*\))?))*)(?:=(.*?))?(\?)?$/.exec(text);
  if (match?.[2] === undefined) throw new Error(`Route "${template}": cannot read the parameter "{${text}}".`);
  const constraints = [...(match[3] ?? '').matchAll(/:([^:=?()]+)(?:\(((?:[^()]|\([^()]*\))*)\))?/g)].map((found) =>
    readConstraint(found[1] ?? '', found[2], template),
  );
  return {
    name: match[2],
    constraints,
    catchAll: match[1] !== '',
    optional: match[5] === '?',
    defaultValue: match[4],
  };
}

const guid = /^(?:\{|\()?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?:\}|\))?$/i;
const integer = /^[+-]?\d+$/;
const decimal = /^[+-]?(?:\d[\d,]*)?\.?\d*$/;
const double = /^[+-]?(?:\d[\d,]*)?\.?\d*(?:e[+-]?\d+)?$/i;

const plainConstraints: Record<string, (value: string) => boolean> = {
  int: (value) => integer.test(value) && Number(value) >= -(2 ** 31) && Number(value) < 2 ** 31,
  long: (value) => integer.test(value) && BigInt(value) >= -(2n ** 63n) && BigInt(value) < 2n ** 63n,
  bool: (value) => /^(?:true|false)$/i.test(value),
  guid: (value) => guid.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  decimal: (value) => /\d/.test(value) && decimal.test(value),
  double: (value) => /\d/.test(value) && double.test(value),
  float: (value) => /\d/.test(value) && double.test(value),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  required: (value) => value !== '',
};

function readConstraint(name: string, given: string | undefined, template: string): (value: string) => boolean {
  const plain = given === undefined ? plainConstraints[name.toLowerCase()] : undefined;
  if (plain !== undefined) return plain;
  const [first, second] = (given ?? '').split(',').map(Number);
  const isWithin = (value: number) => value >= (first ?? 0) && value <= (second ?? Number.POSITIVE_INFINITY);
  switch (given === undefined ? '' : name.toLowerCase()) {
    case 'minlength':
    case 'min':
      return name.toLowerCase() === 'min'
        ? (value) => integer.test(value) && Number(value) >= Number(first)
        : (value) => value.length >= Number(first);
    case 'maxlength':
      return (value) => value.length <= Number(first);
    case 'max':
      return (value) => integer.test(value) && Number(value) <= Number(first);
    case 'length':
      return second === undefined ? (value) => value.length === first : (value) => isWithin(value.length);
    case 'range':
      return (value) => integer.test(value) && isWithin(Number(value));
    case 'regex': {
      const pattern = new RegExp((given ?? '').replaceAll('{{', '{').replaceAll('}}', '}'), 'i');
      return (value) => pattern.test(value);
    }
    default:
      throw new Error(`Route "${template}": the constraint "${name}" is not known.`);
  }
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

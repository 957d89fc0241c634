import { join } from 'node:path';
import { API, type Type, TypeFlags } from 'typescript/unstable/sync';

/** What a declared type lets a JSON value be. */
export type Declared =
  | { kind: 'scalar'; values: readonly (string | number | boolean | null)[]; free: readonly ('string' | 'number')[] }
  | { kind: 'any' }
  | { kind: 'list'; of: Declared }
  | { kind: 'map'; of: Declared }
  | { kind: 'object'; members: Readonly<Record<string, { type: Declared; optional: boolean }>> }
  | { kind: 'union'; of: readonly Declared[] };

const scalar = (
  values: readonly (string | number | boolean | null)[],
  free: readonly ('string' | 'number')[] = [],
): Declared => ({ kind: 'scalar', values, free });

/**
 * Types as the compiler reads them from an installed package's declarations.
 * @param file the declarations, below the package's folder
 */
export function readDeclared(packageName: string, file: string, names: readonly string[]): Declared[] {
  const path = join(import.meta.dirname, '../../node_modules', packageName, file);
  const api = new API({ cwd: process.cwd() });
  try {
    const project = api.updateSnapshot({ openFiles: [path] }).getDefaultProjectForFile(path);
    const source = project?.program.getSourceFile(path);
    if (!project || !source) throw new Error(`The compiler does not read ${path}.`);
    const reader = new TypeReader(project.checker);
    return names.map((name) => {
      const statement = source.statements.find((one) => (one as { name?: { text?: string } }).name?.text === name);
      const node = (statement as unknown as { name: never } | undefined)?.name;
      const type = node && project.checker.getTypeAtLocation(node);
      if (!type) throw new Error(`${file} does not declare ${name}.`);
      return reader.read(type);
    });
  } finally {
    api.close();
  }
}

type Checker = NonNullable<ReturnType<ReturnType<API['updateSnapshot']>['getDefaultProjectForFile']>>['checker'];

class TypeReader {
  readonly #checker: Checker;
  readonly #known = new Map<number, Declared>();

  constructor(checker: Checker) {
    this.#checker = checker;
  }

  read(type: Type): Declared {
    const known = this.#known.get(type.id);
    if (known) return known;
    const declared = this.#declared(type);
    this.#known.set(type.id, declared);
    return declared;
  }

  #declared(type: Type): Declared {
    if (type.isUnionType()) {
      const kinds = type.getTypes().filter((one) => !(one.flags & TypeFlags.Undefined));
      return { kind: 'union', of: kinds.map((one) => this.read(one)) };
    }
    if (type.isLiteralType()) return scalar([type.value as string | number | boolean]);
    if (type.flags & TypeFlags.Null) return scalar([null]);
    if (type.flags & TypeFlags.BooleanLike) return scalar([true, false]);
    if (type.flags & TypeFlags.String) return scalar([], ['string']);
    if (type.flags & TypeFlags.Number) return scalar([], ['number']);
    if (type.flags & (TypeFlags.Any | TypeFlags.Unknown)) return { kind: 'any' };
    if (type.isIntersectionType()) return scalar([], ['string']); // `string & {}`
    const text = this.#checker.typeToString(type);
    if (text.endsWith('[]') || text.startsWith('Array<')) {
      const [item] = this.#checker.getTypeArguments(type as never);
      if (!item) throw new Error(`A list of what: ${text}`);
      return { kind: 'list', of: this.read(item) };
    }
    const properties = this.#checker.getPropertiesOfType(type);
    const [index] = this.#checker.getIndexInfosOfType(type);
    if (index && properties.length === 0) {
      const of = this.read(index.valueType);
      return of.kind === 'any' ? of : { kind: 'map', of };
    }
    return {
      kind: 'object',
      members: Object.fromEntries(
        properties.map((property) => {
          const member = this.#checker.getTypeOfSymbol(property);
          if (!member) throw new Error(`A member without a type: ${property.name}`);
          const optional = member.isUnionType() && member.getTypes().some((one) => one.flags & TypeFlags.Undefined);
          return [property.name, { type: this.read(member), optional }];
        }),
      ),
    };
  }
}

/** Routes, inference profiles and catalogues put their own names in front: `publishers/anthropic/models/…`, `us.anthropic.…`. */
const inFront = /^(?:.*\/)?(?:[a-z]{2,6}(?:-gov)?\.)?(?:anthropic\.)?/;
/** Releases and dates that providers put behind, the outermost first. */
const behind = [/@[a-z0-9-]+$/, /-v\d+(?::\d+)*$/, /-latest$/, /-\d{4}-\d{2}-\d{2}$/, /-\d{8}$/];

/** The id without what a region, a provider or a date adds to it, from the least to the most that is taken away. */
function* plainNames(id: string): Generator<string> {
  yield id;
  let name = id.toLowerCase().replace(inFront, '');
  yield name;
  for (const part of behind) {
    name = name.replace(part, '');
    yield name;
  }
}

/** Finds the one name of a model among `names`, however a provider or a caller writes its id. */
export function createModelFinder(names: Iterable<string>): (id: string) => string | undefined {
  const known = new Map<string, string>();
  for (const name of names) {
    // A model that is listed with its date only has its short name too; the latest date wins.
    const short = [...plainNames(name)].at(-1) ?? name;
    const other = known.get(short);
    if (other === undefined || (other !== short && other < name)) known.set(short, name);
    known.set(name, name);
  }
  return (id) => {
    for (const name of plainNames(id)) {
      const found = known.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

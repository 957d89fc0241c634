import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildOptions, build, context, type Plugin } from 'esbuild';
import { consoleOptions } from './bundle/console.ts';
import { oneLanguage } from './bundle/one-language.ts';
import { copyPackages } from './bundle/packages.ts';
import { writeTo } from './bundle/write-files.ts';
import { runCommand } from './command.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Supplied by the Functions worker at run time, native code that cannot be bundled, and files that are served as they are. */
const external = ['@azure/functions-core', 'sharp', 'swagger-ui-dist'];
/** Packages of which only these files are deployed. */
const onlyFiles = {
  'swagger-ui-dist': /^(package\.json|LICENSE|NOTICE|swagger-ui\.css|swagger-ui-bundle\.js(\.LICENSE\.txt)?)$/,
};

export interface BuiltApp {
  /** The app directory: what the host is started with. */
  directory: string;
  /** Ends watching; nothing to end after a single build. */
  close(): Promise<void>;
}

/**
 * Bundles `functions/index.ts` to `<outDir>/dist/functions/index.cjs`, where package.json's `main` looks for it, and the console to
 * `<outDir>/dist/console`.
 * `outDir` is the project itself unless given; another directory becomes an app directory of its own (host.json,
 * package.json with the packages that are not bundled, and a link to the project's node_modules or, with `deployable`,
 * a copy of those packages, and the bundle is minified). Source maps name the real files: from the bundle's place in the project where the directory may be
 * moved, else with the project's own path, so that breakpoints and stacks find them from anywhere.
 * `entry` is the app's first module, from the project's folder, for tests that put something in before the app.
 * With `watch` it builds again whenever a source changes, until `close()`.
 * @throws esbuild's BuildFailure, which names file, line and fault
 */
export async function buildApp(
  options: { outDir?: string; watch?: boolean; entry?: string; deployable?: boolean } = {},
): Promise<BuiltApp> {
  const directory = resolve(options.outDir ?? project);
  if (directory !== resolve(project)) await layOutApp(directory, options.deployable === true);
  const isMovable = options.deployable === true || directory === resolve(project);
  const settings = {
    ...bundleOptions(directory, options.entry ?? 'functions/index.ts', isMovable),
    ...(options.deployable && small),
  };
  const both = [settings, consoleOptions(project, join(directory, 'dist/console'))];
  if (!options.watch) {
    await Promise.all(both.map((each) => build(each)));
    return { directory, close: async () => {} };
  }
  const watching = await Promise.all(both.map((each) => context(each)));
  const close = async () => void (await Promise.all(watching.map((each) => each.dispose())));
  try {
    for (const each of watching) {
      await each.rebuild();
      await each.watch();
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { directory, close };
}

/** Where the bundle is in the project, and what the sources in its map are relative to. */
const OUT_FOLDER = 'dist/functions';

/**
 * Less to fetch and to read at a cold start. Names stay as they are, since errors, logs and stacks show them (to shorten them and set those of
 * functions and classes again costs each start more than it saves), and lines stay short, since Node prints the line that failed. The
 * sources of the map are those of the commit that was built.
 */
const small = {
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 200,
  sourcesContent: false,
} satisfies BuildOptions;

/** What most processes do not need, and what none needs before its first call, so that it is not read at their start. */
const modulesApart = [
  'shared/telemetry/otlp.ts',
  'shared/telemetry/azure-monitor.ts',
  'shared/export/export-files.ts',
  'shared/util/azure/azure-identity.ts',
  'shared/model/clients/anthropic.ts',
  'shared/model/clients/openai-sdk.ts',
];

function bundleOptions(directory: string, entry: string, isMovable: boolean): BuildOptions {
  return {
    absWorkingDir: project,
    entryPoints: [
      { in: entry, out: 'index' },
      // Modules of threads are files of their own.
      { in: 'shared/gateways/reading/read-in-thread.ts', out: 'read-in-thread' },
      ...modulesApart.map((path) => ({ in: path, out: basename(path, '.ts') })),
    ],
    // The bundle and its map are the same bytes wherever they are written: paths in them are those within the project.
    outdir: OUT_FOLDER,
    outExtension: { '.js': '.cjs' },
    write: false,
    plugins: [
      ...modulesApart.map((path) => apart(basename(path, '.ts'))),
      oneLanguage,
      writeTo(join(directory, OUT_FOLDER)),
    ],
    bundle: true,
    platform: 'node',
    // Of packages in both forms the ES modules: @azure/service-bus would bring a second copy of Azure's core with it.
    mainFields: ['module', 'main'],
    target: 'node20',
    format: 'cjs',
    // What is loaded when needed is loaded by `require`: tsx, which runs the laptop's worker, rewrites a whole file that has `import()`.
    supported: { 'dynamic-import': false },
    // CommonJS has no import.meta, by which modules find files next to them.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    external,
    sourcemap: 'linked',
    ...(!isMovable && { sourceRoot: pathToFileURL(join(project, OUT_FOLDER, '/')).href }),
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/** A module that is imported when it is needed stays out of the bundle, in the file that is bundled for it. */
function apart(name: string): Plugin {
  return {
    name: `apart-${name}`,
    setup(build) {
      build.onResolve({ filter: new RegExp(`/${name}\\.ts$`) }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: `./${name}.cjs`, external: true } : undefined,
      );
    },
  };
}

/** What the directory of a deployed app holds besides the bundle. */
async function layOutApp(directory: string, deployable: boolean): Promise<void> {
  await mkdir(directory, { recursive: true });
  const { name, version, type, main, dependencies } = JSON.parse(
    await readFile(join(project, 'package.json'), 'utf8'),
  ) as { name: string; version: string; type: string; main: string; dependencies: Record<string, string> };
  const kept = Object.fromEntries(
    Object.entries(dependencies).filter(([packageName]) => external.includes(packageName)),
  );
  await Promise.all([
    cp(join(project, 'host.json'), join(directory, 'host.json')),
    writeFile(
      join(directory, 'package.json'),
      `${JSON.stringify({ name, version, private: true, type, main, dependencies: kept }, undefined, 2)}\n`,
    ),
    deployable
      ? copyPackages(Object.keys(kept), project, directory, onlyFiles)
      : linkPackages(join(directory, 'node_modules')),
  ]);
}

async function linkPackages(link: string): Promise<void> {
  try {
    await symlink(join(project, 'node_modules'), link, 'junction');
  } catch (error) {
    // Built here before.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runCommand({ usage: 'npm run build -- [FOLDER]', words: true }, async ({ positionals: [outDir] }, output) => {
    const { directory } = await buildApp(outDir === undefined ? {} : { outDir, deployable: true });
    const file = join(directory, 'dist/functions/index.cjs');
    output.say(`Built ${file}`);
    return { ok: true, file };
  });
}

/** A command of package.json: how it is called and what it does, as `npm run help` and the README show it. */
export interface CommandLine {
  /** Its script in package.json. */
  script: string;
  call: string;
  does: string;
}

const commands: readonly [script: string, call: string, does: string][] = [
  ['help', 'npm run help', 'this list'],
  [
    'demo',
    'npm run demo',
    "the stack, a day's traffic, the cost table, the questions of Pay-i's guide with their answers (`-- --keep`: stays up, with the console; `-- --open`: opens it)",
  ],
  [
    'start',
    'npm start',
    'the stack stays up and prints a line for each request (`-- --port N --instances N --watch --inspect[=PORT] --quiet`)',
  ],
  ['start:func', 'npm run start:func', 'the same app under Azure Functions Core Tools, with the same stand-ins'],
  ['test', 'npm test', 'all tests'],
  ['test:unit', 'npm run test:unit', 'the tests that start nothing, in seconds'],
  ['test:watch', 'npm run test:watch', 'tests again after each change (`-- FOLDER`)'],
  [
    'test:browser',
    'npm run test:browser',
    'the console, the example front-end and the page of the API in Chromium; screenshots in `dist/screens` (`CHROMIUM`: its path, by default the Chromium or Chrome that is found; without one they are skipped, with `CI` set they fail)',
  ],
  ['screenshots', 'npm run screenshots', 'makes the pictures of the console in `docs/images` again'],
  ['test:nodes', 'npm run test:nodes', 'the tests on Node 22 and 24 (`-- --node 24 FOLDER`)'],
  ['check', 'npm run check', 'types, lint, format'],
  ['typecheck', 'npm run typecheck', 'types only'],
  ['format', 'npm run format', 'formats, and mends what the linter can'],
  ['build', 'npm run build', 'bundles the app (`-- FOLDER`: a folder to deploy)'],
  ['build:library', 'npm run build:library', 'makes the package of the library for other programs in `dist/library`'],
  [
    'infra',
    'npm run infra',
    'Bicep: lint, build, snapshots of what is deployed (`-- --update`), our own checks; workflows and shell scripts; fetches the Bicep CLI once',
  ],
  [
    'deploy',
    'npm run deploy -- --env E',
    'deploys to Azure by its CLI, from the checks to the first call; safe to repeat (`-- --destroy`)',
  ],
  ['package', 'npm run package -- FILE', 'builds the app and packs it into a zip file; prints its SHA-256'],
  ['routes', 'npm run routes', 'every route: method, path, who may call, function'],
  [
    'openapi',
    'npm run openapi -- FILE',
    'writes the description of the API in OpenAPI 3.1; `-- --check`: the strict rules of a linter, which is fetched once',
  ],
  ['audit', 'npm run audit', 'every event is in exactly one state; `-- --waiting`: what waits, since when and why'],
  [
    'reconcile',
    'npm run reconcile -- --day D',
    "compares the ledger of a day with Pay-i and with the provider's own report, by model; names the events behind a difference",
  ],
  ['rebuild', 'npm run rebuild', 'makes limits, register, index and rollups again from the ledger, while the app runs'],
  ['dead-letters', 'npm run dead-letters -- list|show|replay|discard', 'what was given up'],
  [
    'limits',
    'npm run limits -- show|plan|apply FILE',
    'policies of limits as a file: the difference to those of the app, and applied at once',
  ],
  ['keys', 'npm run keys -- list|show|create|change|rotate|revoke', 'access keys that are kept as records'],
  [
    'doctor',
    'npm run doctor',
    'looks at settings, keys, tables, queues, clock, provider and Pay-i; what is wrong and how to mend it (`-- --url URL`)',
  ],
  [
    'payi-setup',
    'npm run payi-setup',
    'makes use cases, KPIs and limits at Pay-i equal to the declared ones (`-- --dry-run`)',
  ],
  ['prices', 'npm run prices -- --check', "compares our prices with those of Pay-i's categories"],
  ['faults', 'npm run faults', 'delivery under a matrix of faults; `-- limits`: limits under load and faults'],
  [
    'upgrade',
    'npm run upgrade -- --from REF',
    'the release of a git ref and this one on the same tables and queues: an update, and the way back',
  ],
  ['soak', 'npm run soak -- --minutes N', 'mixed load on the whole stack; what fails, gets lost or grows'],
  ['fuzz', 'npm run fuzz', 'hostile bytes on every port of the stack (`-- --seed N --seconds N`)'],
  [
    'large-requests',
    'npm run large-requests',
    'uploads, pictures and bodies of the largest kind; the memory of the process and its event loop',
  ],
  [
    'clients',
    'npm run clients',
    'uploads photos with curl, .NET, Chromium and the usual packages, calls the gateways with the usual SDKs, and reads the export with DuckDB; skips what is not installed (`-- --only NAME --record`)',
  ],
  [
    'compare',
    'npm run compare',
    'generated requests straight to the model and through each gateway, batches too (`-- --requests N --seed N`)',
  ],
  [
    'mutate',
    'npm run mutate',
    'changes the code that decides on money and delivery; which changes no unit test notices (`-- FILE …`)',
  ],
  ['bench', 'npm run bench -- PART', 'benchmarks'],
  [
    'servicebus',
    'npm run servicebus',
    "the Service Bus broker alone (`-- --config F`: with the official emulator's `Config.json`)",
  ],
];

/** Every command of package.json in the order in which people need them. */
export const commandLines: readonly CommandLine[] = commands.map(([script, call, does]) => ({ script, call, does }));

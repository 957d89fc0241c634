import type { PolicyBook } from '../limits/policies/policy-book.ts';
import type { PayiClient } from '../payi/client.ts';
import type { Clock } from '../util/clock.ts';
import { readSetup } from './at-payi.ts';
import type { SetupItem } from './item.ts';
import { setUpPayi } from './set-up.ts';

/** What of the app's services a set-up needs. */
export interface SetupServices {
  payi: PayiClient;
  limits: { policies: Pick<PolicyBook, 'reload' | 'current' | 'overrides'> };
  clock: Clock;
}

type Told = Pick<SetupItem, 'result' | 'changes' | 'reason'>;

/** The answer of a set-up in the form that the front-end's admin page reads, with what became of each item. */
export interface SetupAnswer {
  success: boolean;
  data: {
    useCaseDefinitions: ({ use_case_name: string } & Told)[];
    kpis: ({ useCaseName: string; kpi_name: string } & Told)[];
    limits: ({ limit_id: string } & Told)[];
  };
  /** One line for each item that failed; absent when none did. */
  errors?: string[];
  message: string;
}

const labels = { use_case: 'use case', kpi: 'KPI', limit: 'limit' } as const;

/** What Pay-i has, and what a set-up would change there. @throws PayiError, TableError */
export async function describeSetup(services: SetupServices) {
  const found = await readSetup(services.payi);
  const items = await setUpPayi(services.payi, { dryRun: true, limits: await currentLimits(services) });
  return { enabled: true as const, ...found, dryRun: setupAnswer(items).data };
}

/** Sets up Pay-i. @throws PayiError when Pay-i can't be reached or refuses the key; TableError */
export async function answerSetup(services: SetupServices): Promise<SetupAnswer> {
  // Ends here, instead of failing once for each item.
  for await (const _ of services.payi.definitions.list()) break;
  return setupAnswer(await setUpPayi(services.payi, { limits: await currentLimits(services) }));
}

async function currentLimits({ limits: { policies }, clock }: SetupServices) {
  await policies.reload();
  return { policies: policies.current(), overrides: policies.overrides(), nowMs: clock.now() };
}

/** The answer for what became of the items. */
export function setupAnswer(items: readonly SetupItem[]): SetupAnswer {
  const failed = items.filter(({ result }) => result === 'failed');
  const of = (kind: SetupItem['kind']) => items.filter((item) => item.kind === kind);
  return {
    success: failed.length === 0,
    data: {
      useCaseDefinitions: of('use_case').map((item) => ({ use_case_name: item.name, ...told(item) })),
      kpis: of('kpi').map((item) => {
        const [useCaseName = '', kpi_name = ''] = item.name.split('/');
        return { useCaseName, kpi_name, ...told(item) };
      }),
      limits: of('limit').map((item) => ({ limit_id: item.name, ...told(item) })),
    },
    ...(failed.length > 0 && {
      errors: failed.map(({ kind, name, reason }) => `Failed to set up ${labels[kind]} ${name}: ${reason}`),
    }),
    message: `Pay-i setup completed: ${summaryOf(items)}.`,
  };
}

const told = ({ result, changes, reason }: SetupItem): Told => ({
  result,
  ...(changes && { changes }),
  ...(reason !== undefined && { reason }),
});

function summaryOf(items: readonly SetupItem[]): string {
  const counts = (['created', 'updated', 'exists', 'failed'] as const).map(
    (result) => [result, items.filter((item) => item.result === result).length] as const,
  );
  return counts.flatMap(([result, count]) => (count > 0 ? [`${count} ${result}`] : [])).join(', ');
}

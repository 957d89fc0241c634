import type { Route } from '../http/route.ts';
import * as alerts from './admin/alerts.ts';
import * as auditLog from './admin/audit-log.ts';
import * as diagnosis from './admin/diagnosis.ts';
import * as admin from './admin/events.ts';
import * as payiSetup from './admin/payi-setup.ts';
import * as reconciliation from './admin/reconciliation.ts';
import * as settings from './admin/settings.ts';
import * as userData from './admin/user-data.ts';
import * as waiting from './admin/waiting.ts';
import * as caller from './caller.ts';
import * as consolePages from './console/routes.ts';
import * as document from './document.ts';
import * as anthropic from './gateways/anthropic.ts';
import * as anthropicBatches from './gateways/anthropic-batches.ts';
import * as anthropicFiles from './gateways/anthropic-files.ts';
import * as openai from './gateways/openai.ts';
import * as payiProxy from './gateways/payi-proxy.ts';
import * as health from './health.ts';
import * as keys from './keys/keys.ts';
import * as approvals from './limits/approvals.ts';
import * as limitCheck from './limits/limit-check.ts';
import * as limitOverrides from './limits/limit-overrides.ts';
import * as limitPolicies from './limits/limit-policies.ts';
import * as limits from './limits/limits.ts';
import * as instances from './outcomes/instances.ts';
import * as kpis from './outcomes/kpis.ts';
import * as outcomes from './outcomes/outcomes.ts';
import * as trails from './trails.ts';
import * as usage from './usage.ts';

const groups = [
  alerts,
  settings,
  userData,
  auditLog,
  trails,
  kpis,
  outcomes,
  instances,
  usage,
  limits,
  limitCheck,
  limitOverrides,
  limitPolicies,
  approvals,
  admin,
  waiting,
  reconciliation,
  payiSetup,
  diagnosis,
  anthropic,
  anthropicBatches,
  anthropicFiles,
  openai,
  payiProxy,
  health,
  document,
  keys,
  caller,
  consolePages,
] as const;

type Members<G> = G extends unknown ? G[keyof G] : never;
/** Each route of the list with its own schemas, for clients that are typed by it. */
export type ListedRoute = Members<(typeof groups)[number]>;

const place = ({ path, method }: Route): string => `${path} ${method}`;

/**
 * Every route of the app, in the order of their paths. Functions are registered from it, OPTIONS is answered from it, `npm run routes`
 * prints it and the README's table of endpoints is tested against it.
 */
export const routes: readonly Route[] = groups
  .flatMap((group): Route[] => Object.values(group))
  .sort((a, b) => (place(a) < place(b) ? -1 : 1));

import { app } from '@azure/functions';
import './http/admin/audit.ts';
import './http/admin/dead-letter.ts';
import './http/admin/dead-letters-discard.ts';
import './http/admin/dead-letters-replay.ts';
import './http/admin/dead-letters.ts';
import './http/admin/payi-setup.ts';
import './http/anthropic/count-tokens.ts';
import './http/anthropic/messages.ts';
import './http/description/docs-file.ts';
import './http/description/docs.ts';
import './http/description/openapi.ts';
import './http/health/health.ts';
import './http/health/ready.ts';
import './http/limits/guide-limits.ts';
import './http/limits/limit-correct.ts';
import './http/limits/limit-policies.ts';
import './http/limits/limit-reset.ts';
import './http/limits/limit.ts';
import './http/limits/limits.ts';
import './http/outcomes/instance.ts';
import './http/outcomes/kpis.ts';
import './http/payi-proxy/analyze.ts';
import './http/payi-proxy/health.ts';
import './http/payi-proxy/judge.ts';
import './http/payi-proxy/trail-finder.ts';
import './http/trails/analyze.ts';
import './http/trails/judge.ts';
import './http/trails/routes-plan.ts';
import './http/trails/trail-finder-search.ts';
import './http/unrouted.ts';
import './queue/ingest-usage.ts';
import './queue/judge-answer.ts';
import './timer/dead-letters-adopt.ts';
import './timer/ledger-prune.ts';
import './timer/limits-expire.ts';
import './timer/limits-refresh.ts';
import './timer/outbox-flush.ts';
import { refuseUnclaimedRequests } from './services/refuse-unclaimed-requests.ts';
import { services } from './services/services.ts';

// HTTP bodies stream in both directions; batches keep their empty entries, so that arrays of metadata line up.
app.setup({ enableHttpStream: true, capabilities: { IncludeEmptyEntriesInMessagePayload: 'true' } });
refuseUnclaimedRequests();

// Last, after the first registration: only then does the worker report a failed start as one. A wrong setting ends it here.
const { close } = services();
app.hook.appTerminate(close);

import { z } from 'zod';
import { type FaultRule, type Faults, faultRuleShape } from '../http/fault.ts';
import { type Answer, ok } from '../http/http.ts';
import { pageOf } from '../http/page.ts';
import type { Routes } from '../http/router.ts';
import { read } from '../ingest/shapes.ts';
import type { Inspection } from '../inspect.ts';
import { clearState, type PayiState } from '../state.ts';

const PIECE_ROWS = 2_000;

/** What Pay-i itself does not have: inspection and faults, below `/_standin`. No key is asked for. */
export function standinRoutes(state: PayiState, inspect: Inspection, faults: Faults): Routes {
  return {
    'GET /_standin/summary': () => ok(inspect.summary()),
    'GET /_standin/events': (request) => {
      if (request.query.get('format') === 'tsv') return eventsTsv(state);
      return pageOf(request, inspect.events(), (event) => event);
    },
    'GET /_standin/kpis': (request) => pageOf(request, inspect.scores(), (score) => score),
    'GET /_standin/limits': (request) => pageOf(request, inspect.limits(), (limit) => limit),
    'POST /_standin/reset': () => {
      clearState(state);
      faults.clear();
      return ok({});
    },
    'POST /_standin/faults': ({ body }) => {
      const rules = read(z.array(faultRuleShape), Array.isArray(body) ? body : [body]);
      faults.add(rules as FaultRule[], state.options.clock.now());
      return ok({ rules: rules.length });
    },
    'DELETE /_standin/faults': () => {
      faults.clear();
      return ok({});
    },
  };
}

/** A line for each event: category, response id, times accepted, as duplicate, as update. Bears a million. */
function eventsTsv(state: PayiState): Answer {
  return { status: 200, contentType: 'text/tab-separated-values; charset=utf-8', stream: lines(state) };
}

function* lines(state: PayiState): Generator<string> {
  let piece = 'category\tprovider_response_id\taccepted\tduplicates\tupserted\n';
  for (let row = 0; row < state.events.size; row += 1) {
    const { category, responseId = '' } = state.events.key(row);
    const { accepted, duplicates, upserts } = state.events.counts(row);
    piece += `${category}\t${responseId}\t${accepted}\t${duplicates}\t${upserts}\n`;
    if (row % PIECE_ROWS === PIECE_ROWS - 1) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}

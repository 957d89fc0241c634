import { TrailmeterError } from '../../errors/trailmeter-error.ts';

/** The ledger has more than one request reads that is not in the index of instances yet. */
export class IndexBehindError extends TrailmeterError {
  constructor() {
    super('instances_not_indexed', 'The index of instances is behind the ledger. Repeat the request in some minutes.', {
      status: 503,
      retryAfterSeconds: 300,
    });
  }
}

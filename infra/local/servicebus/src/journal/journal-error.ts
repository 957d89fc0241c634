import { TrailmeterError } from '../../../../../shared/errors/trailmeter-error.ts';

/** The data file is not a journal, belongs to other queues, or is in use. */
export class JournalError extends TrailmeterError {
  constructor(message: string) {
    super('broker_data_file_wrong', message);
  }
}

import { TrailmeterError } from '../errors/trailmeter-error.ts';

/** The storage of exported files failed or refused. */
export class ExportStoreError extends TrailmeterError {
  constructor(cause: unknown) {
    super(
      'export_store_failed',
      'The storage of exported files failed. Look at ExportConnection and EXPORT_CONTAINER, and whether the identity is Storage Blob Data Contributor there.',
      { status: 503, retryAfterSeconds: 10, cause },
    );
  }
}

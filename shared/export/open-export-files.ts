import type { Settings } from '../config/settings.ts';
import { createAzureCredential } from '../util/azure/azure-credential.ts';
import { ExportStoreError } from './errors.ts';
import type { ExportFiles } from './usage-export.ts';

type ExportSettings = Pick<Settings, 'EXPORT_CONTAINER' | 'ExportConnection' | 'ExportConnection__blobServiceUri'>;

/** Loads what reads and writes files, and opens the container; undefined where the export is off. */
export function openExportFiles(settings: ExportSettings): (() => Promise<ExportFiles>) | undefined {
  const { EXPORT_CONTAINER: container, ExportConnection: connection, ExportConnection__blobServiceUri: url } = settings;
  if (container === undefined) return undefined;
  let loaded: Promise<ExportFiles> | undefined;
  const load = async (): Promise<ExportFiles> => {
    const { openBlobStore, createParquetFile, rowsOfParquet } = await import('./export-files.ts');
    const store = openBlobStore({
      connection,
      url,
      ...(connection === undefined && { credential: createAzureCredential() }),
      container,
      failed: (cause) => new ExportStoreError(cause),
    });
    return { store, createParquetFile, rowsOfParquet };
  };
  return () => {
    loaded ??= load();
    return loaded;
  };
}

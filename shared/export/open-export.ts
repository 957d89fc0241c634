import type { Settings } from '../config/settings.ts';
import { createUsageExport, type ExportFiles, type UsageExport, type UsageExportOptions } from './usage-export.ts';

type ExportSettings = Pick<Settings, 'EXPORT_CONTAINER' | 'ExportConnection' | 'ExportConnection__blobServiceUri'>;

/** Loads what reads and writes files, and opens the container; undefined where the export is off. */
export function exportFiles(settings: ExportSettings): (() => Promise<ExportFiles>) | undefined {
  const { EXPORT_CONTAINER: container, ExportConnection: connection, ExportConnection__blobServiceUri: url } = settings;
  if (container === undefined) return undefined;
  let loaded: Promise<ExportFiles> | undefined;
  const load = async (): Promise<ExportFiles> => {
    const { openBlobStore, createParquetFile, rowsOfParquet } = await import('./export-files.ts');
    return { store: openBlobStore({ connection, url, container }), createParquetFile, rowsOfParquet };
  };
  return () => {
    loaded ??= load();
    return loaded;
  };
}

/** The export of the settings; undefined where it is off. */
export function openExport(
  settings: ExportSettings,
  options: Omit<UsageExportOptions, 'files'>,
): UsageExport | undefined {
  const files = exportFiles(settings);
  return files && createUsageExport({ ...options, files });
}

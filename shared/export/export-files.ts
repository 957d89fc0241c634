/** What writes and reads files, apart: it is loaded where the export is on. */
export { openBlobStore } from './blob-store.ts';
export { createParquetFile, rowsOfParquet } from './parquet.ts';

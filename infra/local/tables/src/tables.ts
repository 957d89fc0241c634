import { type Azurite, type AzuriteOptions, startAzurite } from './azurite.ts';

export type LocalTables = Azurite;

/** Starts Azurite's table service: see `startAzurite`. */
export const startTables = (options?: AzuriteOptions): Promise<LocalTables> => startAzurite('table', options);

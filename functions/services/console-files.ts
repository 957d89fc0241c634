import { ConsoleFiles } from '../../shared/api/console/files.ts';

/** The build puts the console next to the folder of the bundle. */
export const consoleFiles = new ConsoleFiles(new URL('../console/', import.meta.url));

import type { Package } from '../package/package.ts';
import type { Az, AzOptions } from './az.ts';

/** Gives the app its package, which starts it again. */
export async function uploadPackage(az: Az, where: AzOptions, appName: string, { file }: Package): Promise<string> {
  await az('functionapp deployment source config-zip', { ...where, name: appName, src: file });
  return `${appName} has the package`;
}

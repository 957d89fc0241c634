import type { Package } from '../package/package.ts';
import type { Az, AzOptions } from './az.ts';

/** What a deployment made, by the outputs of main.bicep. */
export interface Deployed {
  url: string;
  appName: string;
  vaultName: string;
}

interface Deployment {
  properties: { outputs: Record<string, { value: string }> };
}

/**
 * Deploys the template and waits until Azure is ready with it. A deployment that an earlier run of the command began is waited for
 * first: Azure goes on with it when the command is stopped.
 */
export async function deployResources(
  az: Az,
  where: AzOptions,
  name: string,
  file: string,
): Promise<Deployed & { found: string }> {
  const query = `[?name=='${name}' && (properties.provisioningState=='Running' || properties.provisioningState=='Accepted')].name`;
  const running = await az<string[]>('deployment group list', { ...where, query });
  // It may fail, and the one below then says why.
  const settled = "properties.provisioningState!='Running' && properties.provisioningState!='Accepted'";
  if (running.length > 0) await az('deployment group wait', { ...where, name, custom: settled });
  const deployment = await az<Deployment>('deployment group create', { ...where, name, parameters: file });
  const output = (key: string): string => {
    const value = deployment.properties.outputs[key]?.value;
    if (!value) throw new Error(`The deployment has no output ${key}.`);
    return value;
  };
  const deployed = {
    url: output('functionAppUrl'),
    appName: output('functionAppName'),
    vaultName: output('keyVaultName'),
  };
  return { ...deployed, found: `${deployed.appName} and all that it needs` };
}

/** Gives the app its package, which starts it again. */
export async function uploadPackage(az: Az, where: AzOptions, appName: string, { file }: Package): Promise<string> {
  await az('functionapp deployment source config-zip', { ...where, name: appName, src: file });
  return `${appName} has the package`;
}

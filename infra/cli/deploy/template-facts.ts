import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parameter, secretSettings } from '../../check/app-settings.ts';
import { type Built, readBuilt, resourcesOf } from '../../check/template.ts';
import type { Az } from './az.ts';

/** What a parameter file would deploy, as far as the command needs to know. */
export interface TemplateFacts {
  /** Path of the parameter file. */
  file: string;
  appName: string;
  nodeVersion: string;
  /** Namespaces of the resource types. */
  providers: string[];
  /** App settings whose values are in the vault. */
  secretSettings: string[];
  /** Its instances are in several availability zones. */
  isZoneRedundant: boolean;
  /** CPU cores that the app has on all its instances. */
  mostCores: number;
}

/** The Flex Consumption plan has these sizes. */
const coresOfMemory: Record<number, number> = { 512: 0.25, 2048: 1, 4096: 2 };

/** The parameter file of an environment: `dev` is main.bicepparam, any other one has its own. @throws Error when there is none */
export function parameterFile(project: string, environment: string): string {
  const file = join(project, 'infra', `${environment === 'dev' ? 'main' : environment}.bicepparam`);
  if (!/^[a-z][a-z0-9-]*$/.test(environment) || !existsSync(file))
    throw new Error(
      `There is no infra/${environment}.bicepparam. --env takes dev, prod, private, foundry or a file of yours.`,
    );
  return file;
}

/** Compiles the parameter file with the Bicep of the Azure CLI, which installs it when it is missing. */
export async function readTemplate(az: Az, file: string): Promise<TemplateFacts> {
  return factsOf(readBuilt(file, JSON.stringify(await az<object>('bicep build-params', { file, stdout: true }))));
}

export function factsOf(built: Built): TemplateFacts {
  const types = resourcesOf(built.template).map(({ resource }) => resource.type);
  const isPrivate = parameter(built, 'privateNetwork') === true;
  const servesModels = ((parameter(built, 'modelDeployments') ?? []) as unknown[]).length > 0;
  const namespaces = [
    ...types
      .filter((type) => isPrivate || !type.startsWith('Microsoft.Network/'))
      .filter((type) => servesModels || !type.startsWith('Microsoft.CognitiveServices/')),
    // The subnet of the app is delegated to it.
    ...(isPrivate ? ['Microsoft.App/environments'] : []),
  ].map((type) => type.slice(0, type.indexOf('/')));
  const memory = Number(parameter(built, 'instanceMemoryMB'));
  return {
    file: built.file,
    appName: String(parameter(built, 'appName')),
    nodeVersion: String(parameter(built, 'nodeVersion')),
    providers: [...new Set(namespaces)].sort(),
    secretSettings: secretSettings(built),
    isZoneRedundant: parameter(built, 'zoneRedundant') === true,
    mostCores: Number(parameter(built, 'maximumInstanceCount')) * (coresOfMemory[memory] ?? memory / 2048),
  };
}

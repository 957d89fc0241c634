import { z } from 'zod';
import { jsonText } from '../../../shared/util/json/json-text.ts';
import { callFirst, setUpSecrets, type Tools } from '../deploy/deploy.ts';
import { checkTools, signedIn } from '../deploy/prerequisites.ts';

/** What azd gives its hooks: its own values, and the outputs of main.bicep. */
const environmentSchema = z.object({
  AZURE_SUBSCRIPTION_ID: z.string().min(1),
  AZURE_RESOURCE_GROUP: z.string().min(1),
  functionAppName: z.string().min(1),
  functionAppUrl: z.url(),
  keyVaultName: z.string().min(1),
  vaultSettings: jsonText(z.array(z.string())),
});

/**
 * Runs the steps of `npm run deploy` that azd does not know: `secrets` once the resources are there, `first-call` once the package is.
 * @throws Error that names what azd did not give
 */
export async function runHook(
  hook: 'secrets' | 'first-call',
  environment: NodeJS.ProcessEnv,
  { az, ask, steps, signal }: Omit<Tools, 'output'>,
): Promise<void> {
  const { success, data, error } = environmentSchema.safeParse(environment);
  if (!success) {
    const missing = error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new Error(`azd did not give ${missing}. Run this by azd up, after azd provision.`);
  }
  await steps.run('tools', () => checkTools(az));
  const account = await steps.run('sign-in', () => signedIn(az));
  const app = {
    url: data.functionAppUrl,
    appName: data.functionAppName,
    vaultName: data.keyVaultName,
    group: data.AZURE_RESOURCE_GROUP,
    account: { ...account, subscriptionId: data.AZURE_SUBSCRIPTION_ID },
    secretSettings: data.vaultSettings,
  };
  if (hook === 'secrets') await setUpSecrets(app, { az, ask, steps, signal });
  else await callFirst(app, { az, steps, signal });
}

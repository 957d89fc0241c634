import type { Az, AzOptions } from './az.ts';

interface PropertyChange {
  path: string;
  /** `NoEffect`: Azure sets the value itself. */
  propertyChangeType?: string;
  children?: PropertyChange[] | null;
}

interface Change {
  resourceId: string;
  changeType: 'Create' | 'Delete' | 'Modify' | 'Deploy' | 'NoChange' | 'Ignore' | 'Unsupported';
  delta?: PropertyChange[] | null;
}

const signs: Partial<Record<Change['changeType'], string>> = {
  Create: '+',
  Delete: '-',
  Modify: '~',
  Deploy: '!',
  Unsupported: '?',
};

/** The answer of Azure, as the Azure CLI prints it: flattened, or as it came. */
interface WhatIf {
  changes?: Change[];
  properties?: { changes?: Change[] };
}

/** What a deployment would change, a line for each resource. */
export interface Preview {
  lines: string[];
  found: string;
}

/** Asks Azure what the deployment would change. */
export async function preview(az: Az, where: AzOptions, file: string): Promise<Preview> {
  const result = await az<WhatIf>('deployment group what-if', {
    ...where,
    parameters: file,
    'no-pretty-print': true,
  });
  return describeChanges(result.changes ?? result.properties?.changes ?? []);
}

export function describeChanges(changes: Change[]): Preview {
  const shown = changes.filter(({ changeType }) => changeType in signs);
  const lines = shown.map(({ resourceId, changeType, delta }) => {
    const paths = (delta ?? []).flatMap((change) => pathsOf(change));
    return `${signs[changeType]} ${nameOf(resourceId)}${paths.length > 0 ? `: ${paths.join(', ')}` : ''}`;
  });
  const counts = Object.keys(signs).flatMap((type) => {
    const count = shown.filter(({ changeType }) => changeType === type).length;
    return count > 0 ? [`${count} ${type.toLowerCase()}`] : [];
  });
  return { lines: lines.sort(), found: counts.length > 0 ? counts.join(', ') : 'nothing changes' };
}

/** Type and name, as in `Microsoft.KeyVault/vaults/kv-trailme-x`, of whatever the id names. */
const nameOf = (resourceId: string): string =>
  resourceId.slice(resourceId.lastIndexOf('/providers/') + '/providers/'.length);

const pathsOf = ({ path, propertyChangeType, children }: PropertyChange): string[] => {
  if (propertyChangeType === 'NoEffect') return [];
  return children && children.length > 0
    ? children.flatMap((child) => pathsOf(child).map((inner) => `${path}.${inner}`))
    : [path];
};

/** What the Bicep compiler gives: an ARM template, of which each module is a nested one. */
export interface Template {
  resources: Record<string, Resource> | Resource[];
  variables?: Record<string, unknown>;
  parameters?: Record<string, Parameter>;
  outputs?: Record<string, { type: string; value: unknown }>;
}

export interface Parameter {
  type: string;
  defaultValue?: unknown;
}

export interface Resource {
  type: string;
  name: string;
  properties?: Record<string, unknown>;
  existing?: boolean;
  scope?: string;
}

/** A parameter file as `bicep build-params` gives it. */
export interface Built {
  /** Path of the parameter file in the repository. */
  file: string;
  template: Template;
  /** Values by the parameter's name. */
  parameters: Record<string, unknown>;
  /** App settings by name, with the values that are known before the deployment. */
  settings: Record<string, string | undefined>;
}

/** Reads the output of `bicep build-params --stdout`, and the app settings of the snapshot. */
export function readBuilt(file: string, stdout: string, settings: Built['settings'] = {}): Built {
  const { parametersJson, templateJson } = JSON.parse(stdout) as { parametersJson: string; templateJson: string };
  const { parameters } = JSON.parse(parametersJson) as { parameters: Record<string, { value: unknown }> };
  return {
    file,
    template: JSON.parse(templateJson) as Template,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value])),
    settings,
  };
}

/** A resource with the template in which it stands. */
export interface Placed {
  resource: Resource;
  template: Template;
}

/** All resources that a template makes, those of its modules too. */
export function resourcesOf(template: Template): Placed[] {
  const own = Array.isArray(template.resources) ? template.resources : Object.values(template.resources);
  return own
    .filter((resource) => !resource.existing)
    .flatMap((resource) => {
      const nested = resource.properties?.['template'] as Template | undefined;
      return nested ? resourcesOf(nested) : [{ resource, template }];
    });
}

/**
 * The members of an object, also where the compiler wrote it as a shallow merge of a variable and further members.
 * Values that are expressions stay texts.
 */
export function membersOf(value: unknown, template: Template): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  if (typeof value !== 'string') return {};
  const variables = [...value.matchAll(/variables\('(\w+)'\)/g)].map(([, name = '']) => template.variables?.[name]);
  const literals = [...value.matchAll(/'(\w+)', (?:'([^']*)'|(\d+)|(true|false)\(\))/g)].map(
    ([, name = '', text, digits, flag]) => [name, text ?? (digits === undefined ? flag === 'true' : Number(digits))],
  );
  return { ...Object.assign({}, ...variables), ...Object.fromEntries(literals) };
}

import { readFileSync } from 'node:fs';

/**
 * The rules of FOCUS 1.2 as the FinOps Foundation's validator has them (test/fixtures/focus-1.2-rules.json), run over a data set as the
 * validator runs them: from the root down, a condition narrows the rows of all rules below it, rules that need a concept which the
 * provider does not have are left out, and so are dynamic ones, which no program can check.
 */

export type FocusRow = Readonly<Record<string, string | null>>;

interface Check {
  CheckFunction?: string;
  Items?: Check[];
  ModelRuleId?: string;
  ColumnName?: string;
  ColumnAName?: string;
  ColumnBName?: string;
  ResultColumnName?: string;
  Value?: string | number | null;
  ExpectedCount?: number;
}

interface Rule {
  Type: 'Static' | 'Dynamic';
  ApplicabilityCriteria: string[];
  ValidationCriteria: { MustSatisfy: string; Keyword: string; Requirement: Check; Condition: Check };
}

const fixture = new URL('../fixtures/focus-1.2-rules.json', import.meta.url);
const { Root: root, ModelRules: rules } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  Root: string;
  ModelRules: Record<string, Rule>;
};

/** Whether a rule demands, or allows, a column of this name. */
export const isFocusColumn = (name: string): boolean =>
  Object.values(rules).some(({ ValidationCriteria: { Requirement: requirement } }) =>
    columnsOf(requirement).includes(name),
  );

export interface FocusFindings {
  /** Ids of rules whose requirement was looked at. */
  checked: Set<string>;
  /** What MUST or MUST NOT be otherwise: the text of each rule, once. */
  violations: Map<string, string>;
  /** What SHOULD be otherwise. */
  warnings: Map<string, string>;
}

/** @param concepts applicability criteria that the provider has */
export function checkFocus(
  columns: readonly string[],
  rows: readonly FocusRow[],
  concepts: readonly string[],
): FocusFindings {
  const findings: FocusFindings = { checked: new Set(), violations: new Map(), warnings: new Map() };
  look(root, rows);
  return findings;

  /** @returns the rows that keep the rule and all rules below it; undefined where there is nothing to check */
  function look(id: string, within: readonly FocusRow[]): ReadonlySet<FocusRow> | undefined {
    const rule = rules[id];
    if (!rule) throw new Error(`There is no rule ${id}.`);
    const {
      Requirement: requirement,
      Condition: condition,
      Keyword: keyword,
      MustSatisfy: text,
    } = rule.ValidationCriteria;
    if (rule.Type === 'Dynamic' || !rule.ApplicabilityCriteria.every((concept) => concepts.includes(concept)))
      return undefined;
    const asked = [requirement, condition].flatMap(columnsOf);
    if (requirement.CheckFunction !== 'ColumnPresent' && !asked.every((name) => columns.includes(name)))
      return undefined;
    const concerned = condition.CheckFunction === undefined ? within : within.filter((row) => holds(condition, row));
    const kept = keeping(requirement, concerned);
    if (!kept) return undefined;
    findings.checked.add(id);
    if (requirement.CheckFunction === 'AND') return kept;
    if (
      concerned.every((row) => kept.has(row)) &&
      (requirement.CheckFunction !== 'ColumnPresent' || isPresent(requirement))
    )
      return kept;
    if (/^MUST/.test(keyword)) findings.violations.set(id, text);
    else if (/^(SHOULD|RECOMMENDED)/.test(keyword)) findings.warnings.set(id, text);
    return kept;
  }

  function isPresent({ ColumnName: name = '' }: Check): boolean {
    return columns.includes(name);
  }

  function keeping(check: Check, within: readonly FocusRow[]): ReadonlySet<FocusRow> | undefined {
    const { CheckFunction: kind, Items: items = [], ModelRuleId: id } = check;
    if (kind === 'CheckModelRule' && id !== undefined) return look(id, within);
    if (kind === 'AND') {
      const each = items.flatMap((item) => keeping(item, within) ?? []);
      return each.length === 0 ? undefined : new Set(within.filter((row) => each.every((kept) => kept.has(row))));
    }
    if (kind === 'OR') {
      const each = items.flatMap((item) => keeping(item, within) ?? []);
      return each.length === 0 ? undefined : new Set(within.filter((row) => each.some((kept) => kept.has(row))));
    }
    if (kind === 'ColumnPresent') return new Set(within);
    if (kind === 'CheckDistinctCount') return new Set(distinct(check, within));
    return new Set(within.filter((row) => holds(check, row)));
  }
}

/** Rows of whose first column each value has so many values of the second. */
function distinct(
  { ColumnAName: a = '', ColumnBName: b = '', ExpectedCount: count }: Check,
  rows: readonly FocusRow[],
) {
  const values = new Map<string | null | undefined, Set<string>>();
  for (const row of rows) {
    const known = values.get(row[a]) ?? new Set();
    values.set(row[a], known);
    const value = row[b];
    if (value != null) known.add(value);
  }
  return rows.filter((row) => values.get(row[a])?.size === count);
}

const columnsOf = (check: Check): string[] => [
  ...[check.ColumnName, check.ColumnAName, check.ColumnBName, check.ResultColumnName].filter(
    (name) => name !== undefined,
  ),
  ...(check.Items ?? []).flatMap(columnsOf),
];

const count = '[A-Za-z][A-Za-z0-9]*(?: [A-Za-z][A-Za-z0-9]*)*';
const time = '(?:Year|Month|Day|Hour|Minute|Second)';
const unit = new RegExp(`^(?:${count}|${count}-${time}s|${count}/${time}|[0-9]+ ${count}|${count}/[0-9]+ ${time}s)$`);

/** What a value that is there must look like. */
const forms: Readonly<Record<string, (value: string) => boolean>> = {
  TypeString: () => true,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII.
  FormatString: (value) => /^[\x00-\x7f]*$/.test(value),
  TypeDecimal: (value) => Number.isFinite(Number(value)),
  FormatNumeric: (value) => /^[+-]?(\d*\.)?\d+([eE][+-]?\d+)?$/.test(value),
  CheckDecimalValue: (value) => Number.isFinite(Number(value)),
  TypeDateTime: isTime,
  FormatDateTime: isTime,
  FormatUnit: (value) => unit.test(value),
  FormatCurrency: isCurrency,
  CheckNationalCurrency: isCurrency,
  FormatKeyValue: isKeyValue,
};

function isTime(value: string): boolean {
  return /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ$/.test(value) && Number.isFinite(Date.parse(value));
}

function isCurrency(value: string): boolean {
  return Intl.supportedValuesOf('currency').includes(value);
}

function isKeyValue(value: string): boolean {
  const parsed = JSON.parse(value) as unknown;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return false;
  return Object.values(parsed).every((one) => one === null || typeof one !== 'object');
}

function holds(check: Check, row: FocusRow): boolean {
  const value = row[check.ColumnName ?? ''] ?? null;
  const [a, b] = [row[check.ColumnAName ?? ''] ?? null, row[check.ColumnBName ?? ''] ?? null];
  const form = forms[check.CheckFunction ?? ''];
  if (form) return value === null || form(value);
  switch (check.CheckFunction) {
    case 'AND':
      return (check.Items ?? []).every((item) => holds(item, row));
    case 'OR':
      return (check.Items ?? []).some((item) => holds(item, row));
    case 'CheckValue':
      return isValue(value, check.Value);
    case 'CheckNotValue':
      return !isValue(value, check.Value);
    case 'CheckSameValue':
      return a === b;
    case 'CheckNotSameValue':
      return a !== b;
    case 'CheckGreaterOrEqualThanValue':
      return value === null || Number(value) >= Number(check.Value);
    case 'ColumnByColumnEqualsColumnValue': {
      const product = row[check.ResultColumnName ?? ''] ?? null;
      return a === null || b === null || product === null || Math.abs(Number(a) * Number(b) - Number(product)) < 1e-9;
    }
    case 'CheckModelRule': {
      const rule = rules[check.ModelRuleId ?? ''];
      if (!rule) throw new Error(`There is no rule ${check.ModelRuleId}.`);
      return holds(rule.ValidationCriteria.Requirement, row);
    }
    default:
      throw new Error(`The check ${check.CheckFunction} is not known.`);
  }
}

/** Numbers are compared as numbers, since a CSV has texts. */
const isValue = (value: string | null, wanted: Check['Value']): boolean =>
  typeof wanted === 'number' ? value !== null && Number(value) === wanted : value === (wanted ?? null);

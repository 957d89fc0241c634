import { type ApiErrorBody, apiError } from '../http/api-error.ts';
import { isoTime } from '../http/iso-time.ts';
import type { Units } from './prices.ts';

type Properties = Record<string, string | null>;

/** An item of a bulk ingest, checked. Members that only travel through are not named. */
export interface IngestItem {
  category: string;
  units: Units;
  resource?: string | null;
  event_timestamp?: string | null;
  http_status_code?: number | null;
  provider_response_id?: string | null;
  properties?: Properties | null;
  use_case_properties?: Properties | null;
  use_case_name?: string | null;
  use_case_id?: string | null;
  use_case_version?: number | null;
  use_case_step?: string | null;
  user_id?: string | null;
  account_name?: string | null;
  limit_ids?: string[] | null;
}

type Check = (value: unknown) => boolean;

const LARGEST = 2_147_483_647;
const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LARGEST;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isNamed: Check = (value) => Array.isArray(value) && value.every((one) => isObject(one) && isText(one['name']));

const isProperties: Check = (value) => {
  if (!isObject(value)) return false;
  for (const key in value) if (typeof value[key] !== 'string' && value[key] !== null) return false;
  return true;
};

const isUnits: Check = (value) => {
  if (!isObject(value)) return false;
  for (const unit in value) {
    const amounts = value[unit];
    if (!isObject(amounts)) return false;
    for (const way in amounts) if ((way !== 'input' && way !== 'output') || !isCount(amounts[way])) return false;
  }
  return true;
};

const isTimestamp: Check = (value) => typeof value === 'string' && isoTime(value) !== undefined;

const bodyMembers: Record<string, Check> = {
  category: (value) => typeof value === 'string' && value.length > 0,
  units: isUnits,
  resource: isText,
  event_timestamp: isTimestamp,
  end_to_end_latency_ms: isCount,
  time_to_first_token_ms: isCount,
  time_to_first_completion_token_ms: isCount,
  http_status_code: isCount,
  provider_uri: isText,
  provider_request_json: isText,
  provider_request_reasoning_json: isText,
  provider_response_json: (value) => isText(value) || isTexts(value),
  provider_request_headers: isNamed,
  provider_response_headers: isNamed,
  provider_response_function_calls: isNamed,
  provider_response_id: isText,
  properties: isProperties,
  use_case_properties: isProperties,
};

const attributionMembers: Record<string, Check> = {
  use_case_name: isText,
  use_case_id: isText,
  use_case_version: isCount,
  use_case_step: isText,
  user_id: isText,
  account_name: isText,
  limit_ids: isTexts,
  scope: isText,
  request_tags: isTexts,
};

/** Members of a single ingest's body: attribution travels in headers there. */
export const singleMembers = new Map(Object.entries(bodyMembers));
/** Members of a bulk item. */
export const bulkMembers = new Map(Object.entries({ ...bodyMembers, ...attributionMembers }));

const required = ['category', 'units'];

const refused = (message: string): ApiErrorBody => apiError(400, 'request_processing_error', message);

/** What is wrong with the shape of an item; undefined when nothing is. Null counts as absent. */
export function wrongShape(value: unknown, members: Map<string, Check>): ApiErrorBody | undefined {
  if (!isObject(value)) return refused('An event is an object.');
  for (const name of required)
    if (value[name] === undefined || value[name] === null) return refused(`${name} is missing.`);
  for (const name in value) {
    const check = members.get(name);
    if (!check) return refused(`There is no member ${JSON.stringify(name.slice(0, 60))}.`);
    const member = value[name];
    if (member !== null && !check(member)) return refused(`${name} has a wrong value.`);
  }
  return undefined;
}

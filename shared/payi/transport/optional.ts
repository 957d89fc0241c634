import { PayiError } from './error.ts';

/** Codes with which Pay-i says in a 400 what elsewhere is a 404. */
const absent = new Set(['limit_not_found', 'use_case_not_found', 'use_case_instance_not_found']);

/** Whether Pay-i says that the thing asked for does not exist. */
const isAbsent = (error: unknown): boolean =>
  error instanceof PayiError && (error.payiStatus === 404 || absent.has(error.payiCode ?? ''));

/** The answer, or undefined when Pay-i has no such thing. */
export async function undefinedWhenMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

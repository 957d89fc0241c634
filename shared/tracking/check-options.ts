import { MAX_NAME } from '../events/usage-event.ts';
import { idProblem } from '../util/id-text.ts';
import { InvalidTrackOptionsError } from './errors.ts';
import type { TrackOptions } from './track-options.ts';

const texts = ['useCaseName', 'useCaseId', 'useCaseStep', 'userId', 'accountName'] as const;
const maps = ['useCaseProperties', 'requestProperties'] as const;

/** The same rules as the event's schema has, for callers whose compiler did not see them. @throws InvalidTrackOptionsError */
export function checkOptions(options: TrackOptions): void {
  for (const name of texts) {
    const text = options[name];
    if (text === undefined || text === '') continue;
    if (typeof text !== 'string') throw new InvalidTrackOptionsError(name, 'a text');
    if (idProblem(text)) throw new InvalidTrackOptionsError(name, 'a text that an id can be (see idProblem)');
  }
  const { useCaseName, useCaseVersion, limitIds } = options;
  if (useCaseName !== undefined && useCaseName.length > MAX_NAME)
    throw new InvalidTrackOptionsError('useCaseName', `at most ${MAX_NAME} characters long`);
  if (useCaseVersion !== undefined && !(Number.isInteger(useCaseVersion) && useCaseVersion >= 1))
    throw new InvalidTrackOptionsError('useCaseVersion', 'a whole number from 1');
  if (limitIds?.some((id) => typeof id !== 'string' || id === ''))
    throw new InvalidTrackOptionsError('limitIds', 'a list of texts that are not empty');
  for (const name of maps) {
    const map = options[name];
    for (const key in map)
      if (key === '' || typeof map[key] !== 'string')
        throw new InvalidTrackOptionsError(name, 'an object of texts under names that are not empty');
  }
}

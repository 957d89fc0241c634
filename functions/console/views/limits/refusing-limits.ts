import type { Limit } from './limit-figures.ts';
import type { Refused } from './load.ts';

/** The limits that refused calls of a user and use case in their present period: those that all calls share, and their own. */
export const refusingLimits = (
  { user, useCase }: Pick<Refused, 'user' | 'useCase'>,
  limits: readonly Limit[],
): Limit[] =>
  limits.filter(({ refused, scope, whose }) => {
    if (!refused) return false;
    if (!whose) return scope === 'global';
    const { user: ofUser, use_case: ofUseCase, version } = whose;
    return (
      (ofUser === undefined || ofUser === user) &&
      (ofUseCase === undefined || ofUseCase === useCase) &&
      (version === undefined || version.replace(/:[^:]*$/, '') === useCase)
    );
  });

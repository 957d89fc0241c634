import type { z } from 'zod';
import type { Caller } from '../../identity/caller.ts';
import type { TextModel } from '../../model/clients/text-model.ts';
import type { TrailServices } from '../feature.ts';
import { evaluate, type Judged } from './evaluate.ts';
import type { judgeSchema } from './request.ts';

export type JudgedNow = ({ status: 'judged' } & Judged) | { status: 'skipped'; reason: 'no_judge' };

/** Judges an answer that a caller brings; without a configured judge it is skipped. @throws AnswerError, or an error of the limits. */
export async function judgeNow(
  services: TrailServices & { judge?: TextModel },
  caller: Caller,
  { useCase, ...rest }: z.output<typeof judgeSchema>,
  signal: AbortSignal,
): Promise<JudgedNow> {
  if (!services.judge) return { status: 'skipped', reason: 'no_judge' };
  const judged = await evaluate(services, services.judge, caller, { useCaseName: useCase, ...rest }, { signal });
  return { status: 'judged', ...judged };
}

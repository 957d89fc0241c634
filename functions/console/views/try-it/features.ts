import type { AnswerOf } from '../../data/routes.ts';
import { follow, type Watcher } from '../../data/stream.ts';

export type Analysis = AnswerOf<'POST /api/analyze'>;
export type Search = AnswerOf<'POST /api/trail-finder/search'>;
export type Plan = AnswerOf<'POST /api/routes/plan'>;
export type Judged = AnswerOf<'POST /api/judge'>;

/** What a feature answered; its kind says how it is shown. */
export type FeatureAnswer =
  | { kind: 'analyze'; answer: Analysis }
  | { kind: 'search'; answer: Search }
  | { kind: 'plan'; answer: Plan }
  | { kind: 'judge'; answer: Judged };
export type FeatureName = FeatureAnswer['kind'];

/** A feature: its name for people, the use case that it counts for, and how its form is sent. */
export interface Feature {
  title: string;
  useCase: string;
  verb: string;
  run(form: FormData, watcher: Watcher, signal: AbortSignal): Promise<FeatureAnswer>;
}

const textOf = (form: FormData, name: string): string => String(form.get(name) ?? '').trim();

export const features: Record<FeatureName, Feature> = {
  analyze: {
    title: 'Assess a trail',
    useCase: 'trail_analysis',
    verb: 'Assess',
    async run(form, watcher, signal) {
      const body = new FormData();
      for (const image of form.getAll('images')) body.append('images', image);
      const [trailName, additionalNotes] = [textOf(form, 'trailName'), textOf(form, 'additionalNotes')];
      body.set(
        'context',
        JSON.stringify({ ...(trailName && { trailName }), ...(additionalNotes && { additionalNotes }) }),
      );
      return { kind: 'analyze', answer: await follow('POST /api/analyze', body, watcher, signal) };
    },
  },
  search: {
    title: 'Find trails',
    useCase: 'trail_finder',
    verb: 'Find',
    async run(form, watcher, signal) {
      const body = { location: textOf(form, 'location'), searchRadius: Number(textOf(form, 'searchRadius')) };
      return { kind: 'search', answer: await follow('POST /api/trail-finder/search', body, watcher, signal) };
    },
  },
  plan: {
    title: 'Plan a route',
    useCase: 'trail_planner',
    verb: 'Plan',
    async run(form, watcher, signal) {
      const body = {
        startLocation: textOf(form, 'startLocation'),
        endLocation: textOf(form, 'endLocation'),
        durationDays: Number(textOf(form, 'durationDays')),
      };
      return { kind: 'plan', answer: await follow('POST /api/routes/plan', body, watcher, signal) };
    },
  },
  judge: {
    title: 'Judge an answer',
    useCase: 'judge_validation',
    verb: 'Judge',
    async run(form, watcher, signal) {
      const body = {
        useCase: 'trail_finder' as const,
        question: { text: textOf(form, 'question') },
        answer: textOf(form, 'answer'),
      };
      return { kind: 'judge', answer: await follow('POST /api/judge', body, watcher, signal) };
    },
  },
};

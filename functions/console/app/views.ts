import type { View } from '../data/view.ts';
import { administration } from '../views/administration/view.tsx';
import { instances } from '../views/instances/view.tsx';
import { limits } from '../views/limits/view.tsx';
import { outcomes } from '../views/outcomes/view.tsx';
import { overview } from '../views/overview/view.tsx';
import { pipeline } from '../views/pipeline/view.tsx';
import { tryIt } from '../views/try-it/view.tsx';

/** The views, in the order of the navigation. */
export const views: readonly View[] = [overview, outcomes, instances, limits, pipeline, administration, tryIt];

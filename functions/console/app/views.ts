import type { View } from '../data/view.ts';
import { limits } from '../views/limits/view.tsx';
import { overview } from '../views/overview/view.tsx';
import { pipeline } from '../views/pipeline/view.tsx';

/** The views, in the order of the navigation. */
export const views: readonly View[] = [overview, limits, pipeline];

import type { View } from '../data/view.ts';
import { limits } from '../views/limits/view.tsx';
import { overview } from '../views/overview/view.tsx';

/** The views, in the order of the navigation. */
export const views: readonly View[] = [overview, limits];

import type { LandmarkNetArchitecture } from './architecture';
import { fan } from './fan/fan';

/** Landmark networks that can be loaded. */
export const landmarkNets: readonly LandmarkNetArchitecture[] = [fan];

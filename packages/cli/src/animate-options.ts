import type { Alignment, BackendName, GroupWeights, LatentSpaceName } from '@faceanim/core';
import type { NetworkOptions } from './networks';

/** Options of `animate`; the command's flags. */
export interface AnimateOptions extends NetworkOptions {
  driver: string;
  out: string;
  look?: string;
  preset?: 'fast' | 'thorough';
  stepsFirst?: number;
  stepsNext?: number;
  window?: number;
  weights?: GroupWeights;
  subframes?: number;
  interpolation?: 'linear' | 'catmull-rom';
  fps?: number;
  align?: Alignment;
  alignLook?: boolean;
  every?: number;
  limit?: number;
  start?: number;
  space?: LatentSpaceName;
  backend?: BackendName;
  allowSoftware?: boolean;
  minScore?: number;
  reference?: boolean;
  resume?: boolean;
  run?: string;
  seed?: number;
  json?: string;
}

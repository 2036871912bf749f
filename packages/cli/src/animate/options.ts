import type { LatentSpaceName, LookAlignment } from '@faceanim/core';
import type { Alignment, GroupWeights } from '@faceanim/core/landmarks';
import type { BackendName } from '@faceanim/tensor';
import type { NetworkOptions } from '../networks/networks';

/** Options of `animate`; the command's flags. */
export interface AnimateOptions extends NetworkOptions {
  driver: string;
  out: string;
  look?: string;
  /** File of the latent where frame 0 starts. */
  initial?: string;
  preset?: 'fast' | 'thorough';
  stepsFirst?: number;
  stepsNext?: number;
  window?: number;
  weights?: GroupWeights;
  subframes?: number;
  interpolation?: 'linear' | 'catmull-rom';
  fps?: number;
  align?: Alignment;
  alignLook?: LookAlignment;
  every?: number;
  limit?: number;
  start?: number;
  space?: LatentSpaceName;
  backend?: BackendName;
  allowSoftware?: boolean;
  minScore?: number;
  reference?: boolean;
  /** Goes on after the finished frames of the run folder. */
  resume?: boolean;
  /** Replaces the finished frames of the run folder. */
  fresh?: boolean;
  /** Replaces outputs that exist. */
  overwrite?: boolean;
  run?: string;
  seed?: number;
  json?: string;
  /** Which command it is that runs. */
  command?: 'animate' | 'demo';
}

import type { InterpolationMethod, LatentSpaceName, LookAlignment } from '@faceanim/core';
import type { Alignment, GroupWeights } from '@faceanim/core/landmarks';
import type { LimitFlags } from '../limits/limits';
import type { BackendFlags } from '../networks/backend';
import type { NetworkOptions } from '../networks/networks';
import type { MotionFlags } from './motion-flags';
import type { SplitFlags } from './parts';

/** The flags of `faceanim animate`. */
export interface AnimateOptions extends NetworkOptions, BackendFlags, MotionFlags, LimitFlags, SplitFlags {
  driver: string;
  out: string;
  look?: string;
  /** File with the latent that frame 0 starts from. */
  initial?: string;
  /** What is animated. Default `identity` with a look, `free` without. */
  mode?: 'identity' | 'free' | 'mouth' | 'reference';
  preset?: 'fast' | 'thorough';
  stepsLook?: number;
  stepsFirst?: number;
  stepsNext?: number;
  window?: number;
  /** Side in pixels of the images that steps draw. Default: they draw whole ones. */
  synthesisResolution?: number;
  /** Refines the frames when all are optimised. */
  refine?: boolean;
  weights?: GroupWeights;
  /** The face whose landmarks the result gets. Default `look`, in reference mode `driver`. */
  target?: 'driver' | 'look';
  subframes?: number;
  interpolation?: InterpolationMethod;
  fps?: number;
  /** Whether the driver's sound is copied. Default true. */
  audio?: boolean;
  aiTag?: boolean;
  /** Puts the results back into the picture that the look was cropped from. */
  pasteBack?: boolean;
  align?: Alignment;
  alignLook?: LookAlignment;
  every?: number;
  limit?: number;
  start?: number;
  space?: LatentSpaceName;
  /** Continues after the finished frames in the run folder. */
  resume?: boolean;
  /** Replaces the finished frames in the run folder. */
  fresh?: boolean;
  /** Replaces existing outputs. */
  overwrite?: boolean;
  run?: string;
  seed?: number;
  /** Prints the numbers of the run as JSON. */
  json?: boolean;
  /** Page that shows the run, and beside it its numbers as JSON; a name that ends in .json is that of the numbers alone. */
  report?: string;
  /** The command that runs. */
  command?: 'animate' | 'demo';
}

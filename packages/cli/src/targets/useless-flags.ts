import {
  type UselessFlag,
  uselessFace,
  uselessForBackend,
  uselessPose,
  uselessShare,
} from '../flags/useless-flags';
import type { TargetsOptions } from './targets';

/** Combinations of flags in which one does nothing. */
export const targetsRules: readonly UselessFlag<TargetsOptions>[] = [
  uselessPose,
  ...uselessFace,
  uselessShare,
  ...uselessForBackend,
];

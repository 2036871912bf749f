import { type UselessFlag, uselessInterpolation, uselessSoftware } from '../flags/useless-flags';
import type { AnimateOptions } from './options';

/** Flags of `animate` that others make useless. */
export const animateRules: readonly UselessFlag<AnimateOptions>[] = [
  // Reference mode is the original program: its space, its steps, no encoder.
  { flag: '--space', beside: '--reference', when: (o) => o.space && o.reference },
  { flag: '--preset', beside: '--reference', when: (o) => o.preset && o.reference },
  { flag: '--encoder', beside: '--reference', when: (o) => o.encoder && o.reference },
  { flag: '--encoder', beside: '--preset thorough', when: (o) => o.encoder && o.preset === 'thorough' },
  // Only a look is compared by LPIPS, seen by an encoder, or aligned.
  { flag: '--encoder', without: '--look', when: (o) => o.encoder && !o.look },
  { flag: '--lpips', without: '--look', when: (o) => o.lpips && !o.look },
  { flag: '--align-look', without: '--look', when: (o) => o.alignLook && !o.look },
  { flag: '--lpips-net', without: '--lpips', when: (o) => o.lpipsNet && !o.lpips },
  { flag: '--lpips-heads', without: '--lpips', when: (o) => o.lpipsHeads && !o.lpips },
  uselessInterpolation,
  uselessSoftware,
];

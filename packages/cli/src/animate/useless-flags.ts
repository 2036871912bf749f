import { type UselessFlag, uselessInterpolation, uselessSoftware } from '../flags/useless-flags';
import type { AnimateOptions } from './options';

/** Combinations of flags in which one does nothing. */
export const animateRules: readonly UselessFlag<AnimateOptions>[] = [
  // Reference mode fixes the space and the steps, and has no encoder.
  { flag: '--space', beside: '--reference', when: (o) => o.space && o.reference },
  { flag: '--preset', beside: '--reference', when: (o) => o.preset && o.reference },
  { flag: '--encoder', beside: '--reference', when: (o) => o.encoder && o.reference },
  { flag: '--encoder', beside: '--preset thorough', when: (o) => o.encoder && o.preset === 'thorough' },
  // LPIPS, encoder and alignment need a look.
  { flag: '--encoder', without: '--look', when: (o) => o.encoder && !o.look },
  { flag: '--lpips', without: '--look', when: (o) => o.lpips && !o.look },
  { flag: '--align-look', without: '--look', when: (o) => o.alignLook && !o.look },
  { flag: '--target look', without: '--look', when: (o) => o.target === 'look' && !o.look },
  { flag: '--target look', beside: '--reference', when: (o) => o.target === 'look' && o.reference },
  { flag: '--gain', without: '--target look', when: (o) => o.gain && o.target !== 'look' },
  { flag: '--pose', without: '--target look', when: (o) => o.pose !== undefined && o.target !== 'look' },
  { flag: '--lpips-net', without: '--lpips', when: (o) => o.lpipsNet && !o.lpips },
  { flag: '--lpips-heads', without: '--lpips', when: (o) => o.lpipsHeads && !o.lpips },
  uselessInterpolation,
  uselessSoftware,
];

import {
  type UselessFlag,
  uselessFace,
  uselessForBackend,
  uselessPasteBack,
  uselessPose,
  uselessShare,
  uselessSubframes,
} from '../flags/useless-flags';
import type { AnimateOptions } from './options';

/** Combinations of flags in which one does nothing. */
export const animateRules: readonly UselessFlag<AnimateOptions>[] = [
  // Reference mode fixes the space and the steps, and has no encoder.
  { flag: '--space', beside: '--mode reference', when: (o) => o.space && o.mode === 'reference' },
  { flag: '--preset', beside: '--mode reference', when: (o) => o.preset && o.mode === 'reference' },
  {
    flag: '--synthesis-resolution',
    beside: '--mode reference',
    when: (o) => o.synthesisResolution && o.mode === 'reference',
  },
  { flag: '--encoder', beside: '--mode reference', when: (o) => o.encoder && o.mode === 'reference' },
  { flag: '--encoder', beside: '--preset thorough', when: (o) => o.encoder && o.preset === 'thorough' },
  // The other modes have a look.
  { flag: '--look', beside: '--mode free', when: (o) => o.look && o.mode === 'free' },
  { flag: '--mode identity', without: '--look', when: (o) => o.mode === 'identity' && !o.look },
  { flag: '--mode mouth', without: '--look', when: (o) => o.mode === 'mouth' && !o.look },
  // Which head pose is followed, and on whose face.
  { flag: '--target', beside: '--mode mouth', when: (o) => o.target && o.mode === 'mouth' },
  uselessPose,
  // LPIPS, encoder and alignment need a look.
  { flag: '--encoder', without: '--look', when: (o) => o.encoder && !o.look },
  { flag: '--lpips', without: '--look', when: (o) => o.lpips && !o.look },
  { flag: '--align-look', without: '--look', when: (o) => o.alignLook && !o.look },
  { flag: '--target', without: '--look', when: (o) => o.target && !o.look },
  { flag: '--steps-look', without: '--look', when: (o) => o.stepsLook && !o.look },
  {
    flag: '--steps-look',
    beside: 'a --space other than whitened-w',
    when: (o) => o.stepsLook && (o.space ?? 'whitened-w') !== 'whitened-w',
  },
  { flag: '--steps-look', beside: '--mode reference', when: (o) => o.stepsLook && o.mode === 'reference' },
  {
    flag: '--target look',
    beside: '--mode reference',
    when: (o) => o.target === 'look' && o.mode === 'reference',
  },
  // They change the motion that is put on the face of the look.
  ...[
    { flag: '--gain', given: (o: AnimateOptions) => o.gain },
    { flag: '--pose', given: (o: AnimateOptions) => o.pose !== undefined },
    { flag: '--neutral', given: (o: AnimateOptions) => o.neutral !== undefined },
    { flag: '--blend', given: (o: AnimateOptions) => o.blend },
  ].flatMap(({ flag, given }): UselessFlag<AnimateOptions>[] => [
    { flag, without: '--look', when: (o) => given(o) && !o.look },
    { flag, beside: '--target driver', when: (o) => given(o) && o.target === 'driver' },
    { flag, beside: '--mode reference', when: (o) => given(o) && o.mode === 'reference' },
  ]),
  uselessShare,
  { flag: '--overlap', without: '--split', when: (o) => o.overlap !== undefined && o.split === undefined },
  { flag: '--part', without: '--split', when: (o) => o.part !== undefined && o.split === undefined },
  {
    flag: '--fresh',
    beside: '--part with a number',
    when: (o) => o.fresh && typeof o.part === 'number',
  },
  { flag: '--look-face', without: '--look', when: (o) => o.lookFace !== undefined && !o.look },
  {
    flag: '--look-face',
    beside: '--align-look never',
    when: (o) => o.lookFace !== undefined && o.alignLook === 'never',
  },
  ...uselessFace,
  { flag: '--lpips-net', without: '--lpips', when: (o) => o.lpipsNet && !o.lpips },
  { flag: '--lpips-heads', without: '--lpips', when: (o) => o.lpipsHeads && !o.lpips },
  uselessPasteBack,
  { flag: '--paste-back', beside: '--align-look never', when: (o) => o.pasteBack && o.alignLook === 'never' },
  uselessSubframes,
  ...uselessForBackend,
];

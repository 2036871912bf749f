import {
  fast,
  freeLosses,
  identityLosses,
  type MotionTarget,
  type ProjectSequenceOptions,
  referenceMode,
  thorough,
} from '@faceanim/core';
import type { Networks } from '../networks/networks';
import { decidingFlags } from './deciding-flags';
import { motionOnLook } from './motion-flags';
import type { AnimateOptions } from './options';

type SequenceNetworks = Pick<Networks, 'landmarkNet'> &
  Partial<Pick<Networks, 'landmarkModel' | 'perceptual' | 'encoder'>>;

/** The networks that a run uses. Without a look, it needs neither the landmark model nor LPIPS nor an encoder. */
export function networksOf(options: AnimateOptions): (keyof Networks)[] {
  return [
    'generator',
    'landmarkNet',
    ...(options.look ? (['landmarkModel', 'perceptual'] as const) : []),
    ...(usesEncoder(options) ? (['encoder'] as const) : []),
  ];
}

/** What the flags of a run mean for `projectSequence`: all its options but driver, look and hooks. */
export function sequenceOptions(
  options: AnimateOptions,
  networks: SequenceNetworks,
): Partial<ProjectSequenceOptions> {
  // All of them, also those with defaults: what a run folder stores is what the SDK was given.
  const { stepsLook: look, stepsFirst: first, stepsNext: next, ...others } = decidingFlags(options);
  const { window, seed, space, align, onMissingFace } = others;
  return {
    ...presetOptions(options, networks),
    ...{ steps: { look, first, next }, window, seed, space },
    synthesisResolution: options.synthesisResolution,
    tracking: { align, face: options.face, onMissingFace, minScore: options.minScore },
    encoder: usesEncoder(options) ? networks.encoder : undefined,
  };
}

/** The target that the flags of a run ask for. Without a look, a run follows the landmarks of the driver. */
export async function targetOf(
  options: AnimateOptions,
  { landmarkNet, landmarkModel }: SequenceNetworks,
  hooks: Parameters<typeof motionOnLook>[2],
): Promise<MotionTarget | 'driver'> {
  const { target, gain, pose } = decidingFlags(options);
  if (!options.look || target === 'driver') return 'driver';
  return motionOnLook({ ...options, gain, pose }, { landmarkNet, landmarkModel: landmarkModel! }, hooks);
}

/** Whether an encoder guesses where frames start. Your own generator has none unless you give one. */
export function usesEncoder({ look, preset, mode, generator, encoder }: AnimateOptions): boolean {
  return Boolean(look && preset !== 'thorough' && mode !== 'reference' && (encoder || !generator));
}

function presetOptions(
  options: AnimateOptions,
  { landmarkNet, perceptual }: SequenceNetworks,
): Partial<ProjectSequenceOptions> {
  const { look, preset } = options;
  const { mode, weights: groups } = decidingFlags(options);
  if (mode === 'reference')
    return referenceMode({ landmarkNet, perceptual }, { groups, lpips: look ? 1 : 0 });
  const losses = look
    ? identityLosses({ landmarkNet, perceptual: perceptual!, groups })
    : freeLosses({ landmarkNet, groups });
  return { ...(preset === 'thorough' ? thorough() : fast()), losses };
}

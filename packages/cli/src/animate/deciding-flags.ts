import { defaultSteps, fast, mouthGain, mouthGroupWeights, thorough } from '@faceanim/core';
import {
  defaultGroupWeights,
  defaultMinScore,
  type FaceChoice,
  ibug68,
  landmarkGroups,
  landmarkWeights,
  originalGroupWeights,
} from '@faceanim/core/landmarks';
import { defaultOverlap } from '@faceanim/core/parts';
import { defaultBlendShare } from './motion-flags';
import type { AnimateOptions } from './options';

/**
 * The flags that decide the latents, with defaults filled in. Input files are not among them: their content decides. The
 * other flags only say where and how fast a run goes, and what is made of its latents.
 */
export function decidingFlags(options: Partial<AnimateOptions>) {
  const { preset = 'fast', look, mode = usualMode(options) } = options;
  const [reference, mouth] = [mode === 'reference', mode === 'mouth'];
  const { space = reference ? 'w+' : 'whitened-w' } = options;
  const { optimizer } = reference || preset === 'thorough' ? thorough() : fast();
  const projected = look !== undefined && space === 'whitened-w' && options.stepsLook !== 0;
  const steps = defaultSteps(optimizer, projected);
  const { start = 0, every = 1, align = reference ? 'none' : 'frame', alignLook = 'auto' } = options;
  const { stepsLook = steps.look, stepsFirst = steps.first, stepsNext = steps.next } = options;
  const {
    window = 1,
    synthesisResolution = 'whole',
    seed = 0,
    fanModules = 'all',
    lpipsNet = 'vgg',
  } = options;
  const { minScore = defaultMinScore, target = reference ? 'driver' : 'look' } = options;
  const { pose = mouth ? 'look' : 'driver' } = options;
  const weights = { ...(mouth ? mouthGroupWeights : {}), ...options.weights };
  const gain = { ...(mouth ? mouthGain : {}), ...options.gain };
  const { face = 'largest', lookFace = 'largest', onMissingFace = 'hold', neutral = 'none' } = options;
  const { split = 'none' } = options;
  const overlap = options.split === undefined ? 'none' : (options.overlap ?? defaultOverlap);
  const blendShare = options.blend === undefined ? 'none' : (options.blendShare ?? defaultBlendShare);
  return {
    ...{ preset, mode, start, every, align, alignLook },
    ...{ stepsLook, stepsFirst, stepsNext },
    ...{
      window,
      synthesisResolution,
      seed,
      weights,
      space,
      fanModules,
      lpipsNet,
      minScore,
      target,
      gain,
      pose,
    },
    ...{ face, lookFace, onMissingFace, neutral, blendShare, split, overlap },
  };
}

/**
 * The deciding flags that differ from their defaults, as a run folder stores them:
 * `{ '--steps-next': '20', '--weights jaw': '7' }`.
 */
export function settingsOf(options: Partial<AnimateOptions>): Record<string, string> {
  const { preset, mode, look } = options;
  const now = texts(decidingFlags(options), mode);
  const usual = texts(
    { ...decidingFlags({ preset, mode, look }), preset: 'fast', mode: usualMode(options) },
    mode,
  );
  return Object.fromEntries(Object.entries(now).filter(([flag, value]) => value !== usual[flag]));
}

/** The mode of a run whose flags name none. */
const usualMode = ({ look }: Partial<AnimateOptions>) => (look === undefined ? 'free' : 'identity');

/** Values by flag, as one would write them. */
function texts(
  { weights, gain, align, face, lookFace, ...others }: ReturnType<typeof decidingFlags>,
  mode: AnimateOptions['mode'],
): Record<string, string> {
  const perPoint = landmarkWeights(
    weights,
    ibug68,
    mode === 'reference' ? originalGroupWeights : defaultGroupWeights,
  );
  return Object.fromEntries([
    ...Object.entries(others).map(([option, value]) => [flagOf(option), String(value)]),
    ['--align', typeof align === 'string' ? align : [align.x, align.y, align.width, align.height].join()],
    ['--face', faceText(face)],
    ['--look-face', faceText(lookFace)],
    ...byGroup('--weights', perPoint),
    ...byGroup('--gain', landmarkWeights(gain, ibug68, unchanged)),
  ]);
}

const faceText = (face: FaceChoice) => (typeof face === 'object' ? [face.x, face.y].join() : String(face));

/** A gain of 1 for every group. */
const unchanged = Object.fromEntries(Object.keys(landmarkGroups).map((group) => [group, 1]));

/** The value of each group. Two groups share landmark 30, their last and first: the first one of a group has the group's value. */
function byGroup(flag: string, perPoint: Float32Array): [string, string][] {
  return Object.entries(landmarkGroups).map(([group, [first]]) => [
    `${flag} ${group}`,
    String(Number(perPoint[first]!.toPrecision(6))),
  ]);
}

/** `stepsNext` becomes `--steps-next`. */
function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

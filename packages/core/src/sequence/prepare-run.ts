import { fitTo, type ImageTensor, type TensorBag } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { RgbImage } from '../contracts/image';
import { imageToTensor } from '../images/image-tensors';
import { resizeImage } from '../images/warp';
import type { Landmarks } from '../landmarks/measures';
import type { LookFace } from '../losses/loss-term';
import { tensorMemo } from '../optimization/memo';
import { stepPrograms } from '../optimization/step-programs';
import type { TermUnits } from '../optimization/term-units';
import { guesses } from './guess';
import type { ProjectSequenceOptions } from './options';
import type { RunBase } from './run';
import type { Session } from './session';
import type { Settings } from './settings';

/**
 * Prepares what the frames of a run share.
 *
 * @param owned gets what has to be disposed.
 */
export function prepareRun(
  options: ProjectSequenceOptions,
  settings: Settings,
  session: Session,
  owned: TensorBag,
): RunBase {
  const { generator, look, encoder, backend, signal, onProgress } = options;
  const { statistics } = session;
  const space = session.space(settings.space);
  const mean = owned.keep(tf.tensor3d(statistics.mean, [1, 1, statistics.wDim]));
  let computed: Promise<TermUnits> | undefined;
  const units = () => {
    computed ??= session.units(settings.losses, {
      space,
      mean,
      look: look !== undefined,
      signal,
      onProgress,
    });
    return computed;
  };
  return {
    ...{ options, settings, space, mean, units },
    look: look && owned.keep(lookTensor(look, generator.resolution)),
    guess: look && encoder && guesses(encoder, look, space, generator),
    prepared: owned.use(tensorMemo()),
    programs: owned.use(stepPrograms(backend)),
  };
}

function lookTensor(look: RgbImage, resolution: number): ImageTensor<'signed'> {
  return tf.tidy(() => fitTo(imageToTensor(atMost(look, resolution), 'signed'), resolution));
}

/** The landmarks of the look, as terms pose it. */
export function lookFaceOf({ width }: RgbImage, landmarks: Landmarks): LookFace {
  return { landmarks: landmarks.map((value) => value / width) };
}

/** Shrunk in host memory: as a float tensor, a photograph of 9,000 pixels a side takes a gigabyte. */
function atMost(look: RgbImage, resolution: number): RgbImage {
  return look.width > resolution ? resizeImage(look, resolution) : look;
}

import type { Encoder, Generator, LandmarkNet, OnProgress, PerceptualNet } from '@faceanim/core';
import { TensorBag } from '@faceanim/tensor';
import {
  aFunction,
  anAbortSignal,
  checkOptions,
  type OptionChecks,
  renamedOption,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import { loadEncoder } from '../encoders/load-encoder';
import { checkpointingCheck } from '../generators/checkpointing';
import { type LoadGeneratorOptions, loadGenerator } from '../generators/load-generator';
import { loadLandmarkNet } from '../landmarks/load-landmark-net';
import { loadLpips } from '../perceptual/load-lpips';
import { bundledFolder, folderCheck } from './bundled-folder';
import { type Factors, parseFactors } from './factors';
import { openPackFiles, type PackManifest } from './pack-files';

/** Options of {@link avatarPack}. */
export interface AvatarPackOptions extends Pick<LoadGeneratorOptions, 'checkpointing'> {
  /** Number of the FAN's hourglass modules to run, from the first: one costs half as much as two. Default all. */
  fanModules?: number;
  /** Folder of the pack, with a slash at the end. Default: the copy inside this package. */
  folder?: URL;
  /** Aborts the loading. */
  signal?: AbortSignal;
  /** Called with the fraction of the files that have been read (`stage: 'load'`). */
  onProgress?: OnProgress;
}

/** The networks of the avatar pack and the named factors of its generator. */
export interface AvatarPack extends Disposable {
  readonly generator: Generator;
  readonly landmarkNet: LandmarkNet;
  readonly perceptual: PerceptualNet;
  /** Guesses latents of the generator, for the optimisation to start from. */
  readonly encoder: Encoder;
  readonly factors: Factors;
  /** Sizes and hashes of its files. */
  readonly manifest: PackManifest;
}

const checks: OptionChecks<AvatarPackOptions> = {
  fanModules: wholeNumberFrom(1),
  checkpointing: checkpointingCheck,
  folder: folderCheck,
  signal: anAbortSignal,
  onProgress: aFunction,
};

/**
 * Loads the bundled networks for computer-drawn faces: generator, FAN, LPIPS student, and an encoder for the generator.
 * Works offline; the hash of every file is checked. `MODEL_CARD.md` and `ENCODER_CARD.md` beside them say how they were made
 * and what their limits are.
 *
 * @throws FaceanimError `io` or `checkpoint-corrupt` if files are missing or damaged, `backend-unavailable` if no backend
 *   is open, `invalid-option`, also for more `fanModules` than there are, `aborted`
 *
 * @example
 * using pack = await avatarPack();
 * const z = tf.tensor2d(factorsToZ(pack.factors, { age: 1.5 }, { seed: 7 }), [1, pack.generator.zDim]);
 */
export async function avatarPack(options: AvatarPackOptions = {}): Promise<AvatarPack> {
  checkOptions('avatarPack', options, checks);
  const { fanModules, checkpointing, folder = await bundledFolder('avatar/'), signal, onProgress } = options;
  const files = await openPackFiles(folder, signal);
  const bag = new TensorBag();
  let done = 0;
  const read = async (name: string) => {
    const bytes = await files.read(name, signal);
    onProgress?.({ stage: 'load', fraction: ++done / 5 });
    return bytes;
  };
  try {
    const weights = await read('generator.safetensors');
    const generator = bag.use(await loadGenerator(weights, { signal, checkpointing }));
    const fan = await read('fan.safetensors');
    const landmarkNet = bag.use(
      await loadLandmarkNet(fan, { modules: fanModules, signal }).catch((error) => {
        throw renamedOption(error, 'modules', 'fanModules');
      }),
    );
    const student = await read('lpips-student.safetensors');
    const perceptual = bag.use(await loadLpips({ net: 'student', trunk: student, signal }));
    const encoder = await loadEncoder(await read('encoder.safetensors'), { signal });
    const factors = factorsOf(await read('factors.json'));
    return {
      generator,
      landmarkNet,
      perceptual,
      encoder,
      factors,
      manifest: files.manifest,
      [Symbol.dispose]: () => bag[Symbol.dispose](),
    };
  } catch (error) {
    bag[Symbol.dispose]();
    throw error;
  }
}

/**
 * Reads only the named factors of the bundled generator; needs no backend and loads no network.
 *
 * @throws FaceanimError as {@link avatarPack} does
 */
export async function avatarFactors(
  options: Pick<AvatarPackOptions, 'folder' | 'signal'> = {},
): Promise<Factors> {
  checkOptions('avatarFactors', options, { folder: folderCheck, signal: anAbortSignal });
  const { folder = await bundledFolder('avatar/'), signal } = options;
  const files = await openPackFiles(folder, signal);
  return factorsOf(await files.read('factors.json', signal));
}

function factorsOf(bytes: Uint8Array): Factors {
  return parseFactors(new TextDecoder().decode(bytes), 'factors.json');
}

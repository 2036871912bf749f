import type { Encoder, Generator, LandmarkNet, OnProgress, PerceptualNet } from '@faceanim/core';
import { invalidOption } from '@faceanim/tensor';
import {
  aFunction,
  anAbortSignal,
  checkOptions,
  type OptionCheck,
  type OptionChecks,
  renamedOption,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import { loadEncoder } from '../encoders/linear-encoder';
import { type RecomputeOption, sideCheck } from '../generators/frugal-layer';
import { loadStyleGan2 } from '../generators/load-generator';
import { loadFan } from '../landmarks/load-fan';
import { loadLpips } from '../perceptual/load-lpips';
import { Resources } from '../resources';
import { type Factors, parseFactors } from './factors';
import { openPackFiles, type PackManifest } from './pack-files';

/** Options of {@link avatarPack}. */
export interface AvatarPackOptions extends RecomputeOption {
  /** Number of FAN's hourglass modules to run, from the first; one costs half as much as two. Default all. */
  fanModules?: number;
  /** Folder of the pack, with a slash at the end. Default the copy inside this package. */
  folder?: URL;
  signal?: AbortSignal;
  /** Told the fraction of the files that was read (`stage: 'load'`). */
  onProgress?: OnProgress;
}

/** Networks that work together, and the named factors of the generator. */
export interface AvatarPack extends Disposable {
  readonly generator: Generator;
  readonly landmarkNet: LandmarkNet;
  readonly perceptual: PerceptualNet;
  /** Guesses latents of the generator for the optimisation to start from. */
  readonly encoder: Encoder;
  readonly factors: Factors;
  /** Sizes and hashes of its files. */
  readonly manifest: PackManifest;
}

/** Relative to what a text is meant, only the caller knows. */
const folderCheck: OptionCheck = (value, name) => {
  if (value instanceof URL) return;
  const text = JSON.stringify(value);
  const meant = `new URL(${text}, location.href) of a page, or pathToFileURL(${text}) of node:url`;
  throw invalidOption(name, value, 'a URL', typeof value === 'string' ? meant : undefined);
};

const checks: OptionChecks<AvatarPackOptions> = {
  fanModules: wholeNumberFrom(1),
  recomputeFrom: sideCheck,
  folder: folderCheck,
  signal: anAbortSignal,
  onProgress: aFunction,
};

/**
 * The bundled networks for synthetic, computer-drawn faces: generator, FAN, LPIPS student, and an encoder of the
 * generator. They need no network; the hash of every file is checked. What they are, how they were made and where their
 * limits are: `MODEL_CARD.md` and `ENCODER_CARD.md` beside them.
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
  const { fanModules, recomputeFrom, folder = await bundledFolder('avatar/'), signal, onProgress } = options;
  const files = await openPackFiles(folder, signal);
  const resources = new Resources();
  let done = 0;
  const read = async (name: string) => {
    const bytes = await files.read(name, signal);
    onProgress?.({ stage: 'load', fraction: ++done / 5 });
    return bytes;
  };
  try {
    const weights = await read('generator.safetensors');
    const generator = resources.use(await loadStyleGan2(weights, { signal, recomputeFrom }));
    const fan = await read('fan.safetensors');
    const landmarkNet = resources.use(
      await loadFan(fan, { modules: fanModules, signal }).catch((error) => {
        throw renamedOption(error, 'modules', 'fanModules');
      }),
    );
    const student = await read('lpips-student.safetensors');
    const perceptual = resources.use(await loadLpips({ net: 'student', trunk: student, signal }));
    const encoder = await loadEncoder(await read('encoder.safetensors'), { signal });
    const factors = factorsOf(await read('factors.json'));
    return {
      generator,
      landmarkNet,
      perceptual,
      encoder,
      factors,
      manifest: files.manifest,
      [Symbol.dispose]: () => resources[Symbol.dispose](),
    };
  } catch (error) {
    resources[Symbol.dispose]();
    throw error;
  }
}

/**
 * The named factors of the bundled generator alone: needs no backend, and loads no network.
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

/**
 * A folder of this package's `assets`: two levels up from a source, one from the bundles. In Node it is looked for,
 * elsewhere only bundles occur.
 */
async function bundledFolder(name: string): Promise<URL> {
  const bundled = new URL(`../assets/${name}`, import.meta.url);
  if (bundled.protocol !== 'file:') return bundled;
  const { existsSync } = await import('node:fs');
  return existsSync(bundled) ? bundled : new URL(`../../assets/${name}`, import.meta.url);
}

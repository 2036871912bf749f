import type { Encoder, Generator, LandmarkNet, OnProgress, PerceptualNet } from '@faceanim/core';
import type { LandmarkModel } from '@faceanim/core/retargeting';
import { invalidOption } from '@faceanim/tensor';
import {
  aFunction,
  anAbortSignal,
  checkOptions,
  type OptionCheck,
  type OptionChecks,
  oneOf,
  renamedOption,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type { AvatarFile } from '../avatar-files';
import { loadEncoder } from '../encoders/load-encoder';
import { checkpointingCheck } from '../generators/checkpointing';
import { type LoadGeneratorOptions, loadGenerator } from '../generators/load-generator';
import { parseLandmarkModel } from '../landmarks/landmark-model';
import { loadLandmarkNet } from '../landmarks/load-landmark-net';
import { loadLpips } from '../perceptual/load-lpips';
import { type Factors, parseFactors } from './factors';
import { openPackFiles, type PackFiles, type PackManifest } from './pack-files';
import { folderCheck, type PackFolder } from './pack-folder';
import { parseStatistics, statisticsFile } from './statistics';

/** What the avatar pack has: networks, the 3-D landmark model, and the named factors of its generator. */
export interface AvatarParts {
  readonly generator: Generator;
  readonly landmarkNet: LandmarkNet;
  readonly perceptual: PerceptualNet;
  /** Guesses latents of the generator, for the optimisation to start from. */
  readonly encoder: Encoder;
  /**
   * Puts the driver's motion on the face of the look: with it, that is the default target of `projectSequence`. Fitted to
   * what `landmarkNet` reads; `landmarkModel()` loads one for other networks.
   */
  readonly landmarkModel: LandmarkModel;
  readonly factors: Factors;
}

/** A loaded avatar pack, or the parts of it that were asked for. Disposing of it disposes of its networks. */
export type AvatarPack<Part extends keyof AvatarParts = keyof AvatarParts> = Pick<AvatarParts, Part> &
  Disposable & {
    /** Sizes and hashes of all files of the pack. */
    readonly manifest: PackManifest;
  };

/** Options of {@link avatarPack}. */
export interface AvatarPackOptions<Part extends keyof AvatarParts = keyof AvatarParts>
  extends Pick<LoadGeneratorOptions, 'checkpointing'> {
  /** The parts to load. Only their files are read, and `factors` and `landmarkModel` need no backend. Default all. */
  only?: readonly Part[];
  /** Number of the FAN's hourglass modules to run, from the first: one costs half as much as two. Default all. */
  fanModules?: number;
  /**
   * Folder of the pack: a URL, an address relative to the page, or in Node a path. Default: the copy inside this package.
   * Node, Vite and webpack find it; where a bundler does not copy files, as esbuild, serve
   * `node_modules/@faceanim/models/assets/avatar`.
   */
  folder?: PackFolder;
  /** Aborts the loading. */
  signal?: AbortSignal;
  /** Called with the fraction of the files that have been read (`stage: 'load'`). */
  onProgress?: OnProgress;
}

interface PartFile<T> {
  readonly file: AvatarFile;
  load(bytes: Uint8Array, options: AvatarPackOptions, files: PackFiles): T | Promise<T>;
}

const parts: { readonly [Part in keyof AvatarParts]: PartFile<AvatarParts[Part]> } = {
  generator: {
    file: 'generator.safetensors',
    load: async (bytes, { signal, checkpointing }, files) => {
      const statistics = parseStatistics(await files.read(statisticsFile, signal));
      return Object.assign(await loadGenerator(bytes, { signal, checkpointing }), { statistics });
    },
  },
  landmarkNet: {
    file: 'fan.safetensors',
    load: (bytes, { signal, fanModules: modules }) =>
      loadLandmarkNet(bytes, { modules, signal }).catch((error) => {
        throw renamedOption(error, 'modules', 'fanModules');
      }),
  },
  perceptual: {
    file: 'lpips-student.safetensors',
    load: (trunk, { signal }) => loadLpips({ net: 'student', trunk, signal }),
  },
  encoder: {
    file: 'encoder.safetensors',
    load: (bytes, { signal }) => loadEncoder(bytes, { signal }),
  },
  landmarkModel: {
    file: 'landmark-model-fan.safetensors',
    load: (bytes) => parseLandmarkModel(bytes, 'landmark-model-fan.safetensors'),
  },
  factors: {
    file: 'factors.json',
    load: (bytes) => parseFactors(new TextDecoder().decode(bytes), 'factors.json'),
  },
};

const partNames = Object.keys(parts) as (keyof AvatarParts)[];

const partsCheck: OptionCheck = (value, name) => {
  if (!Array.isArray(value)) throw invalidOption(name, value, `a list of ${partNames.join(', ')}`);
  for (const [i, part] of value.entries()) oneOf(...partNames)(part, `${name}[${i}]`);
};

const checks: OptionChecks<AvatarPackOptions> = {
  only: partsCheck,
  fanModules: wholeNumberFrom(1),
  checkpointing: checkpointingCheck,
  folder: folderCheck,
  signal: anAbortSignal,
  onProgress: aFunction,
};

/**
 * Loads the bundled networks for computer-drawn faces: generator, FAN, LPIPS student, and an encoder for the generator;
 * with them the 3-D landmark model. Works offline; the hash of every file is checked. The model cards beside them say how
 * they were made and what their limits are.
 *
 * @throws FaceanimError `io` or `checkpoint-corrupt` if files are missing or damaged, with what to serve where,
 *   `backend-unavailable` if no backend is open, `invalid-option`, also for more `fanModules` than there are, `aborted`
 *
 * @example
 * using pack = await avatarPack();
 * const z = tf.tensor2d(factorsToZ(pack.factors, { age: 1.5 }, { seed: 7 }), [1, pack.generator.zDim]);
 */
export async function avatarPack<Part extends keyof AvatarParts = keyof AvatarParts>(
  options: AvatarPackOptions<Part> = {},
): Promise<AvatarPack<Part>> {
  checkOptions('avatarPack', options, checks);
  const { only = partNames, folder, signal, onProgress } = options;
  const files = await openPackFiles(folder, signal);
  const wanted = partNames.filter((name) => (only as typeof partNames).includes(name));
  const loaded: Partial<Record<keyof AvatarParts, unknown>> = {};
  const networks: Disposable[] = [];
  const dispose = () => {
    for (const network of networks.splice(0)) network[Symbol.dispose]();
  };
  try {
    for (const [i, name] of wanted.entries()) {
      const { file, load } = parts[name];
      const bytes = await files.read(file, signal);
      onProgress?.({ stage: 'load', fraction: (i + 1) / wanted.length });
      const part = await load(bytes, options, files);
      if (Symbol.dispose in part) networks.push(part);
      loaded[name] = part;
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    ...(loaded as Pick<AvatarParts, Part>),
    manifest: files.manifest,
    [Symbol.dispose]: dispose,
  };
}

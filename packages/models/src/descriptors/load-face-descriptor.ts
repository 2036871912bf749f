import type { FaceDescriptor } from '@faceanim/core';
import { invalidOption } from '@faceanim/tensor';
import { accepting, anAbortSignal, checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import { chooseArchitecture } from '../networks/known-architectures';
import { folderCheck, folderUrl, type PackFolder } from '../packs/pack-folder';
import { readUrl } from '../packs/read-url';
import { faceDescriptors } from './architectures';
import { peer, peerFolder } from './peer-folder';
import { decodeTfjsWeights, type TfjsWeightFiles } from './tfjs-weights';

/** The two files of face-api's face descriptor, in memory. */
export interface FaceDescriptorFiles extends TfjsWeightFiles {
  /** `face_recognition_model-weights_manifest.json` */
  readonly manifest: Uint8Array;
  /** `face_recognition_model.bin`, 6.4 MB */
  readonly weights: Uint8Array;
}

/** Options of {@link loadFaceDescriptor}. */
export interface LoadFaceDescriptorOptions {
  /**
   * Folder of the two files: a URL, an address relative to the page, or in Node a path. Default: `model` of the npm package
   * `@vladmandic/face-api`, which only Node finds. For a browser, serve `node_modules/@vladmandic/face-api/model` and pass its
   * address.
   */
  folder?: PackFolder;
  /** The two files themselves, instead of `folder`. */
  files?: FaceDescriptorFiles;
  /** Aborts the loading. */
  signal?: AbortSignal;
}

const checks: OptionChecks<LoadFaceDescriptorOptions> = {
  folder: folderCheck,
  files: accepting('{ manifest, weights }, both a Uint8Array', (value) => {
    const { manifest, weights } = (value ?? {}) as Partial<FaceDescriptorFiles>;
    return manifest instanceof Uint8Array && weights instanceof Uint8Array;
  }),
  signal: anAbortSignal,
};

const binFile = 'face_recognition_model.bin';
const manifestFile = 'face_recognition_model-weights_manifest.json';

/**
 * Loads a face descriptor for the loss term `identity`: dlib's face recognition network, which describes a face of 150x150
 * pixels by 128 numbers. Its weights (6.4 MB, public domain) come from the optional npm package `@vladmandic/face-api`, or
 * from a folder or files that you pass. No code of that package is loaded. Needs an open backend.
 *
 * @throws FaceanimError `io` if the package is not installed or a file cannot be read, in a browser also without `folder` and
 *   `files`; `checkpoint-corrupt` or `weights-mismatch` if a file is damaged or another; `invalid-option`; `aborted`.
 *
 * @example
 * using net = await loadFaceDescriptor();
 * projectSequence({ ...models, look, driver, losses: [...identityLosses(models), identity({ net })] })
 */
export async function loadFaceDescriptor(options: LoadFaceDescriptorOptions = {}): Promise<FaceDescriptor> {
  checkOptions('loadFaceDescriptor', options, checks);
  const { folder, files, signal } = options;
  if (folder !== undefined && files !== undefined)
    throw invalidOption('files', files, 'left out where folder is given');
  const { manifest, weights, file } = files
    ? { ...files, file: binFile }
    : await readFiles(
        folder === undefined ? await peerFolder(import.meta.url) : await folderUrl(folder),
        signal,
      );
  const decoded = decodeTfjsWeights({ manifest, weights }, file);
  return chooseArchitecture('a face descriptor', faceDescriptors, decoded, file).create(decoded, { file });
}

async function readFiles(folder: URL, signal: AbortSignal | undefined) {
  const hint = `The folder must hold ${manifestFile} and ${binFile} of ${peer}.`;
  const weightsUrl = new URL(binFile, folder);
  const manifest = await readUrl(new URL(manifestFile, folder), { signal, hint });
  return { manifest, weights: await readUrl(weightsUrl, { signal, hint }), file: weightsUrl.href };
}

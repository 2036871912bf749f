import type { LandmarkModel } from '@faceanim/core/retargeting';
import { decodeSafetensors, type HostTensor } from '@faceanim/tensor';
import { anAbortSignal, checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import type { AvatarFile } from '../avatar-files';
import { checkWeights, weightOf } from '../networks/check-weights';
import { openPackFiles } from '../packs/pack-files';
import { folderCheck, type PackFolder } from '../packs/pack-folder';

/** Options of {@link landmarkModel}. */
export interface LandmarkModelOptions {
  /**
   * Folder of the avatar pack, which has the model: a URL, an address relative to the page, or in Node a path. Default: the
   * copy inside this package, as for `avatarPack()`.
   */
  folder?: PackFolder;
  /** Aborts the loading. */
  signal?: AbortSignal;
}

const checks: OptionChecks<LandmarkModelOptions> = { folder: folderCheck, signal: anAbortSignal };

/** Its file in the avatar pack. */
const landmarkModelFile = 'landmark-model.safetensors' satisfies AvatarFile;

/**
 * Loads the bundled 3-D model of the 68 landmarks (39 kB), which `@faceanim/core/retargeting` fits to faces: a mean, 30
 * directions of identity and 16 of expression. It is for landmarks of any network; the part `landmarkModel` of `avatarPack()`
 * is fitted to the FAN of the pack, and better for that one. Needs no backend; the hash is checked. `LANDMARK_MODEL_CARD.md`
 * beside it says how both were made and what their limits are.
 *
 * @throws FaceanimError `io`, `checkpoint-corrupt` or `weights-mismatch` if the file is missing, damaged or another;
 *   `invalid-option`; `aborted`.
 *
 * @example
 * const model = await landmarkModel();
 * const clip = await fitClip(model, driverLandmarks);
 */
export async function landmarkModel(options: LandmarkModelOptions = {}): Promise<LandmarkModel> {
  checkOptions('landmarkModel', options, checks);
  const { folder, signal } = options;
  const files = await openPackFiles(folder, signal);
  return parseLandmarkModel(await files.read(landmarkModelFile, signal), landmarkModelFile);
}

/**
 * Reads the model from the content of its file.
 *
 * @throws FaceanimError `checkpoint-corrupt` or `weights-mismatch`.
 */
export function parseLandmarkModel(bytes: Uint8Array, file: AvatarFile): LandmarkModel {
  const { tensors } = decodeSafetensors(bytes, { file });
  // Where a count is 0 or missing, 1 is expected, so that the shapes do not match.
  const count = (name: string) => tensors.get(name)?.shape[0] || 1;
  const shapes = {
    mean: [68, 3],
    identity: [count('identity'), 68, 3],
    expression: [count('expression'), 68, 3],
  };
  checkWeights(tensors, shapes, { network: 'a landmark model', file });
  const [mean] = rowsOf(weightOf(tensors, 'mean'));
  return {
    mean: mean!,
    identity: rowsOf(weightOf(tensors, 'identity')),
    expression: rowsOf(weightOf(tensors, 'expression')),
  };
}

/** The shapes `[68 * 3]` of a tensor one after the other. */
function rowsOf({ data }: HostTensor): Float64Array[] {
  const length = 68 * 3;
  return Array.from({ length: data.length / length }, (_, i) =>
    Float64Array.from(data.subarray(i * length, (i + 1) * length)),
  );
}

import type { Encoder, OnProgress, RgbImage } from '@faceanim/core';
import { landmarkCount, resizeImage } from '@faceanim/core/landmarks';
import { encodeSafetensors, type HostTensor, invalidOption, type Weights } from '@faceanim/tensor';
import { aFunction, anAbortSignal, checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import { checkWeights, weightOf } from '../check-weights';
import { type CheckpointSource, openCheckpoint } from '../checkpoints';

/**
 * A linear map from a small picture of the look and the landmarks to w: `w = bias + Σ features · weight`. Features are
 * the look's pixels at `side` × `side`, 0..1, and the landmarks as fractions of the side.
 */
export interface LinearEncoder extends Encoder {
  /** Side of the small picture in pixels. */
  readonly side: number;
  /** The file that {@link loadEncoder} reads; weights as 16-bit floats. */
  toSafetensors(): Uint8Array;
}

const points = 2 * landmarkCount;

/** The look as an encoder sees it: its pixels at `side` × `side`, 0..1, `[3 * side²]`. */
export function smallPicture(look: RgbImage, side: number): Float32Array {
  return Float32Array.from(resizeImage(look, side).data, (value) => value / 255);
}

/**
 * The encoder of weights `look.weight` `[side, side, 3, wDim]`, `landmarks.weight` `[68, 2, wDim]` and `bias` `[wDim]`.
 *
 * @throws FaceanimError `weights-mismatch` for other tensors or shapes, `checkpoint-corrupt` for values that are not
 *   finite
 */
export function linearEncoder(weights: Weights, { file }: { file?: string } = {}): LinearEncoder {
  // 0 and nothing are no sizes either: then 1 is what is expected.
  const side = weights.get('look.weight')?.shape[0] || 1;
  const wDim = weights.get('bias')?.shape[0] || 1;
  const shapes = {
    'look.weight': [side, side, 3, wDim],
    'landmarks.weight': [landmarkCount, 2, wDim],
    bias: [wDim],
  };
  checkWeights(weights, shapes, { network: 'a linear encoder', file });
  const [look, landmarks, bias] = Object.keys(shapes).map((name) => weightOf(weights, name)) as [
    HostTensor,
    HostTensor,
    HostTensor,
  ];
  return {
    specificationVersion: 'v1',
    wDim,
    side,
    encode: (face) => {
      if (face.landmarks.length !== points) {
        throw invalidOption('landmarks', face.landmarks.length, `${landmarkCount} pairs of numbers`);
      }
      const w = Float64Array.from(bias.data);
      addProduct(w, smallPicture(face.look, side), look.data);
      addProduct(w, Float32Array.from(face.landmarks), landmarks.data);
      return Float32Array.from(w);
    },
    toSafetensors: () =>
      encodeSafetensors(
        [...weights].map(([name, { shape, data }]) => [name, { shape, data, dtype: 'F16' }]),
        { format: 'faceanim-linear-encoder' },
      ),
  };
}

/** Adds `values · matrix` to w, the matrix `[values, w]`. */
function addProduct(w: Float64Array, values: Float32Array, matrix: Float32Array): void {
  for (let row = 0; row < values.length; row++) {
    for (let i = 0; i < w.length; i++) w[i]! += values[row]! * matrix[row * w.length + i]!;
  }
}

/** Options of {@link loadEncoder}. */
export interface LoadEncoderOptions {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

const checks: OptionChecks<LoadEncoderOptions> = { signal: anAbortSignal, onProgress: aFunction };

/**
 * Reads an encoder that {@link fitEncoder} has made.
 *
 * @throws FaceanimError as {@link openCheckpoint} and {@link linearEncoder} do
 */
export async function loadEncoder(
  source: CheckpointSource,
  options: LoadEncoderOptions = {},
): Promise<LinearEncoder> {
  checkOptions('loadEncoder', options, checks);
  await using checkpoint = await openCheckpoint(source, options);
  return linearEncoder(await checkpoint.read(), { file: checkpoint.file });
}

import type { Encoder, RgbImage } from '@faceanim/core';
import { landmarkCount, resizeImage } from '@faceanim/core/landmarks';
import { encodeSafetensors, type HostTensor, invalidOption, type Weights } from '@faceanim/tensor';
import { checkWeights, weightOf } from '../networks/check-weights';
import type { EncoderArchitecture } from './architecture';

/**
 * An encoder that is a linear map to w: `w = bias + Σ features · weight`. Features are the pixels of the look at `side` ×
 * `side`, 0..1, and the landmarks as fractions of the picture's side.
 */
export interface LinearEncoder extends Encoder {
  readonly generator: Float32Array;
  /** Side of the small picture of the look, in pixels. */
  readonly side: number;
  /** Returns a file for {@link loadEncoder}, with weights as 16-bit floats. */
  toSafetensors(): Uint8Array;
}

const points = 2 * landmarkCount;

/** Encoders that {@link fitEncoder} has made. */
export const linear: EncoderArchitecture = {
  name: 'a linear encoder',
  anchors: ['landmarks.weight'],
  create: linearEncoder,
};

/** Scales the look down to what an encoder takes: `side` × `side` pixels, 0..1, `[3 * side²]`. */
export function smallPicture(look: RgbImage, side: number): Float32Array {
  return Float32Array.from(resizeImage(look, side).data, (value) => value / 255);
}

/**
 * Builds an encoder from `look.weight` `[side, side, 3, wDim]`, `landmarks.weight` `[68, 2, wDim]`, `bias` `[wDim]` and
 * `generator`, the fingerprint of its generator.
 *
 * @throws FaceanimError `weights-mismatch` for other tensors or shapes, `checkpoint-corrupt` for values that are not
 *   finite
 */
export function linearEncoder(weights: Weights, { file }: { file?: string } = {}): LinearEncoder {
  // Where a size is 0 or missing, 1 is expected, so that the shapes do not match.
  const side = weights.get('look.weight')?.shape[0] || 1;
  const wDim = weights.get('bias')?.shape[0] || 1;
  const fingerprint = weights.get('generator')?.shape[0] || 1;
  const shapes = {
    'look.weight': [side, side, 3, wDim],
    'landmarks.weight': [landmarkCount, 2, wDim],
    bias: [wDim],
    generator: [fingerprint],
  };
  checkWeights(weights, shapes, { network: linear.name, file });
  const [look, landmarks, bias, generator] = Object.keys(shapes).map((name) => weightOf(weights, name)) as [
    HostTensor,
    HostTensor,
    HostTensor,
    HostTensor,
  ];
  // A run encodes the same look in every frame.
  const pictures = new WeakMap<RgbImage, Float32Array>();
  const pictureOf = (image: RgbImage) => {
    const picture = pictures.get(image) ?? smallPicture(image, side);
    pictures.set(image, picture);
    return picture;
  };
  return {
    specificationVersion: 'v1',
    wDim,
    generator: generator.data,
    side,
    encode: (face) => {
      if (face.landmarks.length !== points) {
        throw invalidOption('landmarks', face.landmarks.length, `${landmarkCount} pairs of numbers`);
      }
      const w = Float64Array.from(bias.data);
      addProduct(w, pictureOf(face.look), look.data);
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

/** Adds `values · matrix` to w, where the matrix is `[values, w]`. */
function addProduct(w: Float64Array, values: Float32Array, matrix: Float32Array): void {
  for (let row = 0; row < values.length; row++) {
    for (let i = 0; i < w.length; i++) w[i]! += values[row]! * matrix[row * w.length + i]!;
  }
}

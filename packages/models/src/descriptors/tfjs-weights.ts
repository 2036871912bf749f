import { FaceanimError, type HostTensor, type Weights } from '@faceanim/tensor';

/** A tensor as the manifest of a TensorFlow.js model lists it. */
interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

/** The two files of a TensorFlow.js model without a graph. */
export interface TfjsWeightFiles {
  /** The manifest, `NAME-weights_manifest.json`. */
  readonly manifest: Uint8Array;
  /** The weights, `NAME.bin`. */
  readonly weights: Uint8Array;
}

/**
 * Decodes the weights of a TensorFlow.js manifest: 32-bit floats, as they are or quantised to bytes.
 *
 * @param file what messages call the file of the weights
 * @throws FaceanimError `checkpoint-corrupt` if the manifest is none, or lists other sizes than the file has
 */
export function decodeTfjsWeights({ manifest, weights }: TfjsWeightFiles, file: string): Weights {
  const stored = parseManifest(manifest, file);
  const listed = stored.reduce((sum, weight) => sum + bytesOf(weight), 0);
  // Compared before anything is allocated.
  if (listed !== weights.byteLength)
    throw corrupt(file, `has ${weights.byteLength} bytes; its manifest lists ${listed}`);
  const decoded = new Map<string, HostTensor>();
  let offset = 0;
  for (const weight of stored) {
    const { name, shape, quantization } = weight;
    const bytes = weights.slice(offset, offset + bytesOf(weight));
    const data = quantization
      ? new Float32Array(bytes).map((value) => value * quantization.scale + quantization.min)
      : new Float32Array(bytes.buffer);
    decoded.set(name, { shape: [...shape], data });
    offset += bytes.length;
  }
  return decoded;
}

function bytesOf({ shape, quantization }: StoredWeight): number {
  return shape.reduce((product, size) => product * size, quantization ? 1 : 4);
}

function parseManifest(bytes: Uint8Array, file: string): StoredWeight[] {
  let groups: unknown;
  try {
    groups = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Reported below, like any other unexpected content.
  }
  const weights = Array.isArray(groups) ? groups.flatMap((group) => group?.weights) : [];
  if (weights.length === 0 || !weights.every(isStoredWeight))
    throw corrupt(
      file,
      'has a manifest that does not list float32 tensors, as they are or quantised to uint8',
    );
  return weights;
}

function isStoredWeight(value: unknown): value is StoredWeight {
  const { name, shape, dtype, quantization } = (value ?? {}) as Partial<StoredWeight>;
  return (
    typeof name === 'string' &&
    Array.isArray(shape) &&
    shape.every((size) => Number.isInteger(size) && size > 0) &&
    dtype === 'float32' &&
    (quantization === undefined ||
      (quantization?.dtype === 'uint8' &&
        Number.isFinite(quantization.scale) &&
        Number.isFinite(quantization.min)))
  );
}

function corrupt(file: string, problem: string): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${file} ${problem}.`, {
    file,
    hint: 'Use the two files of the same version of the model, whole.',
  });
}

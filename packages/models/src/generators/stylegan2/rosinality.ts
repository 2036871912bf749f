import { FaceanimError, type HostTensor, type Weights } from '@faceanim/tensor';
import type { Checkpoint } from '../../checkpoints';
import type { GeneratorArchitecture } from '../architecture';
import { stylegan2 } from './stylegan2';

/**
 * StyleGAN2 in the layout of rosinality's stylegan2-pytorch: the `.pt` of many fine-tuned generators, and the decoder of
 * pSp, e4e and GFPGAN.
 */
export const rosinality: GeneratorArchitecture = {
  ...stylegan2,
  anchors: ['conv1.conv.modulation.weight'],
  read: readRosinality,
};

/**
 * Reads a generator and gives its tensors the names of NVIDIA's repositories. What differs from them:
 *
 * - names, and axes of length 1 (weights `[1, out, in, k, k]`, noise maps `[1, 1, size, size]`, bias `[1, 3, 1, 1]`);
 * - the up-sampling filter already includes the gain of 4 that makes up for the zeros between the samples;
 * - the mean latent is called `latent_avg` and lies beside the generator, sometimes once for every layer. It may be
 *   missing; the mean is then measured;
 * - activations are never clamped.
 *
 * @throws FaceanimError `weights-mismatch` that names missing tensors as the file does
 */
async function readRosinality(checkpoint: Checkpoint, prefix: string): Promise<Weights> {
  const stored = await checkpoint.read({ prefix });
  const weights = new Map<string, HostTensor>();
  const left = new Set(stored.keys());
  const missing: string[] = [];
  /** Moves a tensor; drops leading axes of length 1 and, for a vector, trailing ones. */
  const move = (from: string, to: string, axes: number, scale = 1) => {
    left.delete(from);
    const tensor = stored.get(from);
    if (!tensor) return void missing.push(prefix + from);
    const { data } = tensor;
    const shape = axes === 1 ? tensor.shape.filter((size) => size !== 1) : [...tensor.shape];
    // Any other axis stays, and is refused when all shapes are compared.
    while (shape.length > axes && shape[0] === 1) shape.shift();
    weights.set(to, { shape, data: scale === 1 ? data : data.map((v) => v * scale) });
  };
  const affine = (from: string, to: string) => {
    move(`${from}.modulation.weight`, `${to}.affine.weight`, 2);
    move(`${from}.modulation.bias`, `${to}.affine.bias`, 1);
  };
  const filter = (from: string, to: string) => {
    if (stored.has(from)) move(from, to, 2, 1 / 4);
  };
  const layer = (from: string, noise: number, to: string) => {
    move(`${from}.conv.weight`, `${to}.weight`, 4);
    affine(`${from}.conv`, to);
    filter(`${from}.conv.blur.kernel`, `${to}.resample_filter`);
    move(`${from}.activate.bias`, `${to}.bias`, 1);
    move(`${from}.noise.weight`, `${to}.noise_strength`, 0);
    move(`noises.noise_${noise}`, `${to}.noise_const`, 2);
  };
  const toRgb = (from: string, to: string) => {
    move(`${from}.conv.weight`, `${to}.weight`, 4);
    affine(`${from}.conv`, to);
    move(`${from}.bias`, `${to}.bias`, 1);
  };

  // style.0 normalises its input and has no weights.
  for (let i = 0; i < Math.max(count(stored, 'style') - 1, 1); i++) {
    move(`style.${i + 1}.weight`, `mapping.fc${i}.weight`, 2);
    move(`style.${i + 1}.bias`, `mapping.fc${i}.bias`, 1);
  }
  move('input.input', 'synthesis.b4.const', 3);
  layer('conv1', 0, 'synthesis.b4.conv1');
  toRgb('to_rgb1', 'synthesis.b4.torgb');
  const blocks = Math.max(Math.ceil(count(stored, 'convs') / 2), count(stored, 'to_rgbs'));
  for (let i = 0; i < blocks; i++) {
    const block = `synthesis.b${8 * 2 ** i}`;
    layer(`convs.${2 * i}`, 2 * i + 1, `${block}.conv0`);
    layer(`convs.${2 * i + 1}`, 2 * i + 2, `${block}.conv1`);
    toRgb(`to_rgbs.${i}`, `${block}.torgb`);
    filter(`to_rgbs.${i}.upsample.kernel`, `${block}.resample_filter`);
  }
  if (missing.length > 0) throw incomplete(checkpoint.file, missing);
  if (prefix === '') left.delete('latent_avg');
  // Anything left over is refused by name when all tensors are compared.
  for (const name of left) weights.set(prefix + name, stored.get(name)!);
  const average = await meanLatent(checkpoint, prefix);
  if (average) weights.set('mapping.w_avg', average);
  return weights;
}

/** One more than the largest i in `PART.i.…`. */
function count(weights: Weights, part: string): number {
  const pattern = new RegExp(`^${part}\\.(\\d{1,3})\\.`);
  let most = 0;
  for (const name of weights.keys()) most = Math.max(most, Number(pattern.exec(name)?.[1] ?? -1) + 1);
  return most;
}

/** `latent_avg` beside the generator or beside one of its containers, averaged over layers. */
async function meanLatent(checkpoint: Checkpoint, prefix: string): Promise<HostTensor | undefined> {
  const parts = prefix.split('.').slice(0, -1);
  const places = [...parts.keys(), parts.length].map((n) => [...parts.slice(0, n), 'latent_avg'].join('.'));
  const name = places.reverse().find((place) => checkpoint.tensors.has(place));
  if (name === undefined) return undefined;
  const { shape, data } = (await checkpoint.read({ names: [name] })).get(name)!;
  const wDim = shape.at(-1) ?? 1;
  const rows = data.length / wDim;
  const mean = Float64Array.from({ length: wDim }, (_, i) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += data[row * wDim + i]!;
    return sum / rows;
  });
  return { shape: [wDim], data: Float32Array.from(mean) };
}

function incomplete(file: string, missing: readonly string[]): FaceanimError {
  const more = missing.length > 12 ? ` and ${missing.length - 12} more` : '';
  return new FaceanimError(
    'weights-mismatch',
    `${file}, read as a StyleGAN2 generator in rosinality’s layout, lacks ${missing.slice(0, 12).join(', ')}${more}.`,
    { file, hint: 'Pass a complete checkpoint of the generator.' },
  );
}

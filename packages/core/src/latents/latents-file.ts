import { decodeSafetensors, FaceanimError, invalidOption, safetensorsHeader } from '@faceanim/tensor';
import { accepting } from '@faceanim/tensor/options';
import type { Latent } from '../contracts/frames';
import { guessLatentList, latentOf } from './latent-source';
import { type Noise, noiseFrom, noiseTensors } from './stored-tensors';

const latentList = accepting('a list of latents', Array.isArray, guessLatentList);

/**
 * Encodes the latents of a whole run as one safetensors file, enough to render them again: `latents` `[frames, numWs, wDim]`,
 * `shots` `[frames]` if there are several, and `noise.*` if they have noise maps.
 *
 * @throws {FaceanimError} `invalid-option` for anything but latents, and for latents of different shapes or with different noise maps.
 * @category Latents and pictures
 */
export function encodeLatents(latents: readonly Latent[], metadata: Record<string, string> = {}): Uint8Array {
  latentList(latents, 'The latents of encodeLatents');
  const encoder = latentsEncoder();
  const numbers = latents.map((latent) => encoder.add(latent));
  const { head, tail } = encoder.end(metadata);
  const parts = [head, ...numbers, tail];
  const file = new Uint8Array(parts.reduce((size, { byteLength }) => size + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.byteLength;
  }
  return file;
}

/**
 * Encodes latents one by one; see {@link latentsEncoder}.
 *
 * @category Latents and pictures
 */
export interface LatentsEncoder {
  /**
   * Adds a latent. Its bytes follow those of the latent before.
   *
   * @throws {FaceanimError} `invalid-option` as {@link encodeLatents}.
   */
  add(latent: Latent): Uint8Array;
  /** What comes before and after the bytes of all latents. */
  end(metadata?: Record<string, string>): { head: Uint8Array; tail: Uint8Array };
}

/**
 * Makes the file of {@link encodeLatents} from latents that arrive one by one and need not fit into memory: keep their bytes in a
 * file, and put what comes before them in front in the end.
 *
 * @category Latents and pictures
 */
export function latentsEncoder(): LatentsEncoder {
  let first: Latent = { numWs: 0, wDim: 0, data: new Float32Array() };
  const shots: number[] = [];
  return {
    add(given) {
      const i = shots.length;
      const latent = latentOf(given, i);
      if (i === 0) first = latent;
      const { numWs, wDim, noise } = first;
      if (latent.numWs !== numWs || latent.wDim !== wDim)
        throw invalidOption(
          `Latent ${i}`,
          `[${latent.numWs}, ${latent.wDim}]`,
          `[${numWs}, ${wDim}] like the first`,
        );
      if (!sameNoise(latent.noise, noise))
        throw invalidOption(`Latent ${i}`, 'other noise maps', 'one with the noise maps of the first');
      shots.push(latent.shot ?? 0);
      return bytesOf(latent.data);
    },
    end(metadata) {
      const { numWs, wDim, noise } = first;
      const cut = shots.some((shot) => shot !== shots[0]);
      const others = [
        ...(cut ? [['shots', { shape: [shots.length], data: Float32Array.from(shots) }] as const] : []),
        ...noiseTensors(noise),
      ];
      const shapes = others.map(([name, { shape }]) => [name, { dtype: 'F32', shape }] as const);
      const latents = ['latents', { dtype: 'F32', shape: [shots.length, numWs, wDim] }] as const;
      const numbers = others.flatMap(([, { data }]) => Array.from(data));
      return {
        head: safetensorsHeader([latents, ...shapes], metadata),
        tail: bytesOf(Float32Array.from(numbers)),
      };
    },
  };
}

/** Little-endian, as all platforms of JavaScript are. */
function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Decodes latents encoded by {@link encodeLatents}.
 *
 * @param file name of the file, for errors.
 * @throws {FaceanimError} `checkpoint-corrupt` for any other content; `invalid-option` for anything but bytes.
 * @category Latents and pictures
 */
export function decodeLatents(bytes: Uint8Array, { file = 'latents' }: { file?: string } = {}): Latent[] {
  const { tensors } = decodeSafetensors(bytes, { file });
  const stack = tensors.get('latents');
  if (stack?.shape.length !== 3) {
    throw new FaceanimError(
      'checkpoint-corrupt',
      `${file} does not hold the latents of a run: it has no tensor "latents" [frames, numWs, wDim].`,
      { file, hint: 'readLatents of @faceanim/models also reads the latents of other projectors.' },
    );
  }
  const shots = tensors.get('shots')?.data;
  const [frames, numWs, wDim] = stack.shape as [number, number, number];
  const size = numWs * wDim;
  const noise = noiseFrom(tensors);
  return Array.from({ length: frames }, (_, i) => ({
    numWs,
    wDim,
    data: stack.data.slice(i * size, (i + 1) * size),
    ...(noise && { noise }),
    ...(shots && { shot: shots[i] }),
  }));
}

/** Compares values: maps that were saved and read again are different arrays. */
function sameNoise(a: Noise | undefined, b: Noise | undefined): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => a[name]!.length === b[name]?.length && a[name]!.every((x, i) => x === b[name]![i]))
  );
}

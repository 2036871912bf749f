import {
  decodeSafetensors,
  encodeSafetensors,
  FaceanimError,
  type HostTensor,
  invalidOption,
  safetensorsHeader,
} from '@faceanim/tensor';
import type { Latent, ProjectedFrame } from '../contracts/frames';
import type { HostTensors } from '../optimizers/optimizer';
import { isOrigin, latentOf } from './latent-source';

/**
 * Encodes a finished frame as a safetensors file, for example to resume from later: `latent` `[numWs, wDim]`, `coordinates`,
 * in frame 0 the latent of the look as `look`, noise maps as `noise.*`, the optimizer state that is carried over as
 * `optimizer.*` (from the look as `look.optimizer.*`), and losses, history, indices and origin in the metadata.
 *
 * @category Latents and pictures
 */
export function encodeFrame(frame: ProjectedFrame): Uint8Array {
  const {
    index,
    driverIndex,
    latent,
    coordinates,
    lookLatent,
    lookCarriedOver,
    losses,
    history,
    steps,
    stopReason,
    carriedOver,
    noise,
    origin,
  } = frame;
  const drawn = latent.noise !== undefined;
  const { shot } = latent;
  return encodeSafetensors(
    [
      ['latent', tensorOf(latent)],
      ['coordinates', { shape: [coordinates.length], data: coordinates }],
      ...(lookLatent ? ([['look', tensorOf(lookLatent)]] as const) : []),
      ...withName('look.optimizer.', lookCarriedOver),
      ...withName('optimizer.', carriedOver),
      ...noiseTensors(noise),
    ],
    {
      faceanim: JSON.stringify({
        ...{ index, driverIndex, losses, history, steps, stopReason, origin, drawn, shot },
      }),
    },
  );
}

/**
 * Decodes a frame encoded by {@link encodeFrame}.
 *
 * @param file name of the file, for errors.
 * @throws {FaceanimError} `checkpoint-corrupt` for any other content; `invalid-option` for anything but bytes.
 * @category Latents and pictures
 */
export function decodeFrame(bytes: Uint8Array, { file = 'frame' }: { file?: string } = {}): ProjectedFrame {
  const { tensors, metadata } = decodeSafetensors(bytes, { file });
  const coordinates = tensors.get('coordinates')?.data;
  const { drawn, shot, ...facts } = parseFacts(metadata.faceanim, file);
  if (!coordinates) throw notOurs(file, 'it has no tensor "coordinates"');
  const carriedOver = withPrefix(tensors, 'optimizer.');
  const lookCarriedOver = withPrefix(tensors, 'look.optimizer.');
  const noise = noiseFrom(tensors);
  const latent = latentFrom(tensors, 'latent', file);
  return {
    ...facts,
    latent: { ...latent, ...(drawn && noise && { noise }), ...(shot !== undefined && { shot }) },
    coordinates,
    ...(tensors.has('look') && { lookLatent: latentFrom(tensors, 'look', file) }),
    ...(lookCarriedOver && { lookCarriedOver }),
    ...(carriedOver && { carriedOver }),
    ...(noise && { noise }),
  };
}

/**
 * Encodes the latents of a whole run as one safetensors file, enough to render them again: `latents` `[frames, numWs, wDim]`,
 * `shots` `[frames]` if there are several, and `noise.*` if they have noise maps.
 *
 * @throws {FaceanimError} `invalid-option` for latents of different shapes or with different noise maps.
 * @category Latents and pictures
 */
export function encodeLatents(latents: readonly Latent[], metadata: Record<string, string> = {}): Uint8Array {
  const encoder = latentsEncoder();
  const numbers = latents.map((latent) => encoder.add(latent));
  const { head, tail } = encoder.end(metadata);
  const file = new Uint8Array(
    [head, ...numbers, tail].reduce((size, { byteLength }) => size + byteLength, 0),
  );
  let offset = 0;
  for (const bytes of [head, ...numbers, tail]) {
    file.set(bytes, offset);
    offset += bytes.byteLength;
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

type Noise = Readonly<Record<string, Float32Array>>;

function noiseTensors(noise: Noise = {}) {
  return Object.entries(noise).map(
    ([name, data]) => [`noise.${name}`, { shape: [data.length], data }] as const,
  );
}

/** Tensors by name, for a file. */
export function withName(prefix: string, tensors: HostTensors = {}) {
  return Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor] as const);
}

function noiseFrom(tensors: ReadonlyMap<string, HostTensor>): Noise | undefined {
  const maps = withPrefix(tensors, 'noise.');
  return maps && Object.fromEntries(Object.entries(maps).map(([name, { data }]) => [name, data]));
}

/** The tensors whose names start with a prefix, by the rest of the name; undefined if there are none. */
function withPrefix(tensors: ReadonlyMap<string, HostTensor>, prefix: string): HostTensors | undefined {
  const found = [...tensors].filter(([name]) => name.startsWith(prefix));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
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

type Facts = Pick<
  ProjectedFrame,
  'index' | 'driverIndex' | 'losses' | 'history' | 'steps' | 'stopReason' | 'origin'
> & {
  drawn?: boolean;
  shot?: number;
};

function parseFacts(json: string | undefined, file: string): Facts {
  try {
    const { index, driverIndex, losses, history, steps, stopReason, origin, drawn, shot } = JSON.parse(
      json ?? '',
    ) as Facts;
    const typed = [index, driverIndex, steps].every(Number.isInteger) && Array.isArray(history);
    if (!typed || !isOrigin(origin)) throw new Error('wrong types');
    return { index, driverIndex, losses, history, steps, stopReason, origin, drawn, shot };
  } catch (cause) {
    throw notOurs(file, 'its metadata does not describe one', cause);
  }
}

const tensorOf = ({ numWs, wDim, data }: Latent) => ({ shape: [numWs, wDim], data });

function latentFrom(tensors: ReadonlyMap<string, HostTensor>, name: string, file: string): Latent {
  const tensor = tensors.get(name);
  if (tensor?.shape.length !== 2) throw notOurs(file, `it has no tensor "${name}" [numWs, wDim]`);
  const [numWs, wDim] = tensor.shape as [number, number];
  return { numWs, wDim, data: tensor.data };
}

function notOurs(file: string, why: string, cause?: unknown): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${file} is not a frame of a run: ${why}.`, {
    file,
    cause,
    hint: 'Delete the file to compute the frame again.',
  });
}

import {
  encodeSafetensors,
  FaceanimError,
  type HostTensor,
  invalidOption,
  parseSafetensorsHeader,
  type SafetensorsInput,
  safetensorsDataStart,
  toFloat32,
} from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';
import type { TargetedFrame } from '../contracts/motion-target';
import { landmarkCount } from '../landmarks/groups';
import type { HeatmapShape } from '../landmarks/heatmap-shape';
import type { Landmarks } from '../landmarks/measures';
import { isOrigin } from '../latents/latent-source';
import { withName } from '../latents/stored-tensors';
import { type ClipLook, isPreparedClip, type PreparedClip } from './prepared-clip';

type Numbers = readonly number[];

/** A frame without its crop, as the metadata has it. */
type StoredFrame = Pick<TargetedFrame, 'index' | 'shot' | 'found' | 'score' | 'quad'> & {
  readonly landmarks: Numbers;
  readonly alignedLandmarks: Numbers;
  readonly targetLandmarks?: Numbers;
};

/** The metadata of a clip file. JSON keeps every digit of a number, which a tensor of floats would not. */
interface Facts extends Omit<PreparedClip, 'frames' | 'hashes' | 'look' | 'heatmapShape'> {
  readonly frames: readonly StoredFrame[];
  readonly hashes: readonly (string | null)[];
  readonly look?: { readonly landmarks: Numbers; readonly score: number };
  /** Side of the heat maps in cells. */
  readonly heatmapSize?: number;
}

/**
 * Encodes a prepared clip, or a part of it, as a safetensors file for another machine. Decoded, it gives the same latents to the
 * last bit. Takes 0.2 MB a frame for crops of 256 pixels.
 *
 * @throws {FaceanimError} `invalid-option` for crops of different sizes.
 */
export function encodeClip(clip: PreparedClip): Uint8Array {
  const { frames, hashes, look, heatmapShape, ...rest } = clip;
  const { width, height } = frames[0]!.image;
  const crops = new Uint8Array(frames.length * width * height * 3);
  for (const [i, { index, image }] of frames.entries()) {
    if (image.width !== width || image.height !== height) throw otherSize(index, image, frames[0]!.image);
    crops.set(image.data, i * width * height * 3);
  }
  const facts: Facts = {
    ...rest,
    hashes: hashes.map((hash) => hash ?? null),
    frames: frames.map(stored),
    ...(look && { look: { landmarks: [...look.landmarks], score: look.score } }),
    heatmapSize: heatmapShape?.size,
  };
  const tensors: (readonly [string, SafetensorsInput])[] = [
    ['crops', { dtype: 'U8', shape: [frames.length, height, width, 3], data: crops }],
    ...(look?.latent
      ? [['look', { shape: [look.latent.numWs, look.latent.wDim], data: look.latent.data }] as const]
      : []),
    ...withName(lookPrefix, look?.carriedOver),
    ...(heatmapShape ? [['heatmaps', patchesOf(heatmapShape)] as const] : []),
  ];
  return encodeSafetensors(tensors, { clip: JSON.stringify(facts) });
}

/**
 * Decodes a clip encoded by {@link encodeClip}.
 *
 * @param file name of the file, for errors.
 * @throws {FaceanimError} `checkpoint-corrupt` for any other content.
 */
export function decodeClip(bytes: Uint8Array, { file = 'clip' }: { file?: string } = {}): PreparedClip {
  const dataStart = safetensorsDataStart(bytes, bytes.byteLength, file);
  const header = parseSafetensorsHeader(bytes.subarray(8, dataStart), bytes.byteLength, file);
  const { frames, hashes, look, heatmapSize, ...rest } = parseFacts(header.metadata.clip, file);
  const tensor = (name: string, axes?: number): HostTensor | undefined => {
    const { shape, dtype, offset, byteLength } = header.entries.get(name) ?? {};
    if (shape && axes !== undefined && shape.length !== axes)
      throw notAClip(file, `${name} has another shape`);
    return shape && { shape, data: toFloat32(bytes.subarray(offset, offset! + byteLength!), dtype!) };
  };
  const crops = header.entries.get('crops');
  const [count, height, width, channels] = crops?.shape ?? [];
  if (crops?.dtype !== 'U8' || count !== frames.length || channels !== 3)
    throw notAClip(file, 'its crops are missing');
  const size = width! * height! * 3;
  const image = (i: number): RgbImage => {
    const first = crops.offset + i * size;
    return { width: width!, height: height!, data: bytes.subarray(first, first + size) };
  };
  const patches = tensor('heatmaps', 2);
  if (patches && !heatmapSize) throw notAClip(file, 'the size of its heat maps is missing');
  return {
    ...rest,
    frames: frames.map((frame, i) => ({ ...restored(frame), image: image(i) })),
    hashes: hashes.map((hash) => hash ?? undefined),
    ...(look && { look: { ...lookFrom(header.entries.keys(), tensor), ...restored(look) } }),
    ...(patches && {
      heatmapShape: { points: patches.shape[0]!, size: heatmapSize!, patches: patches.data },
    }),
  };
}

function patchesOf({ points, patches }: HeatmapShape): HostTensor {
  return { shape: [points, patches.length / points], data: patches };
}

const lookPrefix = 'look.optimizer.';

function lookFrom(
  names: Iterable<string>,
  tensor: (name: string, axes?: number) => HostTensor | undefined,
): Pick<ClipLook, 'latent' | 'carriedOver'> {
  const latent = tensor('look', 2);
  if (!latent) return {};
  const [numWs, wDim] = latent.shape as [number, number];
  const carried = [...names].filter((name) => name.startsWith(lookPrefix));
  const states = carried.map((name) => [name.slice(lookPrefix.length), tensor(name)!] as const);
  return { latent: { numWs, wDim, data: latent.data }, carriedOver: Object.fromEntries(states) };
}

function stored({ image: _, peaks: _peaks, targetLandmarks, ...frame }: TargetedFrame): StoredFrame {
  return {
    ...frame,
    ...{ landmarks: [...frame.landmarks], alignedLandmarks: [...frame.alignedLandmarks] },
    ...(targetLandmarks && { targetLandmarks: [...targetLandmarks] }),
  };
}

/** Numbers that are landmarks again; the rest is as it was. */
function restored<T extends { readonly landmarks: Numbers }>(given: T) {
  const entries = Object.entries(given).map(([name, value]) => [
    name,
    /landmarks$/i.test(name) ? Float64Array.from(value as Numbers) : value,
  ]);
  return Object.fromEntries(entries) as {
    [K in keyof T]: T[K] extends Numbers | undefined ? Landmarks : T[K];
  };
}

function parseFacts(json: string | undefined, file: string): Facts {
  try {
    const facts = JSON.parse(json ?? '') as Facts;
    if (!isPreparedClip(facts) || !isWhole(facts)) throw new Error('wrong types');
    return facts;
  } catch (cause) {
    throw notAClip(file, 'its metadata does not describe one', cause);
  }
}

/** Whether everything that JSON describes is there, whoever has written it. */
function isWhole({ frames, hashes, look, start, length, aligned, origin, heatmapSize }: Facts): boolean {
  return (
    [start, length ?? 0, heatmapSize ?? 0].every(Number.isInteger) &&
    typeof aligned === 'boolean' &&
    isOrigin(origin) &&
    frames.length > 0 &&
    frames.every(isStoredFrame) &&
    hashes.length === frames.length &&
    hashes.every((hash) => hash === null || typeof hash === 'string') &&
    (look === undefined || (Number.isFinite(look.score) && areLandmarks(look.landmarks)))
  );
}

function isStoredFrame({ index, shot, found, score, quad, ...frame }: StoredFrame): boolean {
  const { landmarks, alignedLandmarks, targetLandmarks = landmarks } = frame;
  return (
    [index, shot].every(Number.isInteger) &&
    typeof found === 'boolean' &&
    Number.isFinite(score) &&
    [landmarks, alignedLandmarks, targetLandmarks].every(areLandmarks) &&
    [quad.center, quad.x, quad.y].every((point) => areNumbers(point, 2))
  );
}

const areLandmarks = (numbers: Numbers) => areNumbers(numbers, 2 * landmarkCount);

function areNumbers(numbers: Numbers, length: number): boolean {
  return Array.isArray(numbers) && numbers.length === length && numbers.every(Number.isFinite);
}

function otherSize(index: number, { width, height }: RgbImage, first: RgbImage): FaceanimError {
  const expected = `one of ${first.width} by ${first.height} pixels, like the first`;
  return invalidOption(`The crop of driver frame ${index}`, `${width} by ${height}`, expected);
}

function notAClip(file: string, why: string, cause?: unknown): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${file} is not a prepared clip: ${why}.`, {
    file,
    cause,
    hint: 'Prepare the run again.',
  });
}

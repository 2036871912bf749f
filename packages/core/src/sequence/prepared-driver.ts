import type { LandmarkNet } from '../contracts/landmark-net';
import type { AlignedFrame } from '../landmarks/track';
import type { PreparedClip } from '../parts/prepared-clip';
import { cropsInPlace, type Driver } from './driver';
import { lookWith } from './look-frame';
import type { ProjectSequenceOptions } from './options';
import type { ProjectedLook } from './run';
import type { TargetedFrames } from './targets';

/** A prepared clip as an open driver. */
export function driverOfClip({ aligned, frames, hashes }: PreparedClip): Driver {
  return {
    aligned,
    frames,
    reread: false,
    withCrops: cropsInPlace,
    hashes: new Map(frames.map(({ index }, i) => [index, hashes[i]])),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The frames of a prepared clip, whose targets are known. */
export function targetsOfClip(
  { frames, length, heatmapShape: shape }: PreparedClip,
  net: LandmarkNet | undefined,
): TargetedFrames {
  const shots = new Set(frames.map(({ shot }) => shot)).size;
  return {
    frames,
    outline: frames,
    count: frames.length,
    shots,
    length,
    ...(net && shape && { heatmapShape: { net, shape } }),
  };
}

/** The look of a prepared clip as a driver frame. */
export function lookFrameOfClip(
  { look: known }: PreparedClip,
  { look, landmarkNet }: ProjectSequenceOptions,
): AlignedFrame | undefined {
  return known && look && landmarkNet && lookWith(look, known, landmarkNet);
}

/** What projecting the look of a prepared clip has given. */
export function lookOfClip({ look }: PreparedClip): ProjectedLook | undefined {
  return look?.latent && { latent: look.latent, carriedOver: look.carriedOver };
}

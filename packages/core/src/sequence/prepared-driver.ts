import type { LandmarkNet } from '../contracts/landmark-net';
import type { TargetedFrame } from '../contracts/motion-target';
import type { AlignedFrame } from '../landmarks/track';
import type { TargetHeatmapShape } from '../losses/loss-term';
import type { PreparedClip } from '../parts/prepared-clip';
import type { Driver } from './driver';
import { lookWith } from './look-frame';
import type { ProjectSequenceOptions } from './options';
import type { ProjectedLook } from './run';

/** A prepared clip as an open driver. */
export function driverOfClip({ aligned, frames, hashes }: PreparedClip): Driver {
  return {
    aligned,
    frames,
    hashes: new Map(frames.map(({ index }, i) => [index, hashes[i]])),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The frames of a prepared clip, whose targets are known. */
export function targetsOfClip(
  { frames, length, heatmapShape: shape }: PreparedClip,
  net: LandmarkNet | undefined,
): { frames: readonly TargetedFrame[]; length?: number; heatmapShape?: TargetHeatmapShape } {
  return { frames, length, ...(net && shape && { heatmapShape: { net, shape } }) };
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

import { type AlignedFrame, type TrackedFrame, trackFaces } from './track';
import type { TrackClipOptions } from './track-options';

/**
 * Tracks one face through a whole clip and crops it from each frame.
 *
 * @throws FaceanimError `no-face` with the index of the frame without a face; `media` for frames of different sizes, or if
 *   there are none; `invalid-option`, also for a network without the 68 iBUG landmarks; `aborted`.
 */
export async function trackClip(
  frames: AsyncIterable<TrackedFrame> | Iterable<TrackedFrame>,
  options: TrackClipOptions,
): Promise<AlignedFrame[]> {
  const tracked: AlignedFrame[] = [];
  for await (const frame of trackFaces(frames, options)) tracked.push(frame);
  return tracked;
}

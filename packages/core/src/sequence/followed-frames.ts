import type { TargetedFrame } from '../contracts/motion-target';
import { isPreparedClip } from '../parts/prepared-clip';
import { openDriver } from './driver';
import { lookFrame } from './look-frame';
import type { ProjectSequenceOptions } from './options';
import type { Settings } from './settings';
import { targetedFrames } from './targets';

/** The frames that a run with these options would follow, with their targets. */
export async function* followedFrames(
  options: ProjectSequenceOptions,
  settings: Settings,
): AsyncGenerator<TargetedFrame> {
  const { driver: given } = options;
  if (isPreparedClip(given)) return yield* given.frames;
  await options.backend?.activate();
  const look = await lookFrame(options, settings);
  await using driver = await openDriver({ ...options, driver: given }, settings);
  yield* (await targetedFrames(driver, options, settings, look)).frames;
}

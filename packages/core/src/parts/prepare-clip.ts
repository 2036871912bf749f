import { FaceanimError } from '@faceanim/tensor';
import { throwIfRunAborted } from '../abort';
import type { TargetedFrame } from '../contracts/motion-target';
import { openRun } from '../sequence/open-run';
import type { ProjectSequenceOptions } from '../sequence/options';
import { openSession } from '../sequence/session';
import { resolveSettings } from '../sequence/settings';
import type { PreparedClip } from './prepared-clip';

/**
 * Does what all frames of a run share: tracks the driver, computes its targets, and projects the look. The clip can then be
 * split, and its parts be optimised on several machines; see {@link planParts}.
 *
 * @param options those of the run.
 * @throws {FaceanimError} as `projectSequence`; `invalid-option` also for noise maps that are optimised, since they depend on
 *   frame 0.
 *
 * @example
 * const clip = await prepareClip({ ...models, look, driver: readVideo('long.mp4') });
 * const parts = planParts(clip.frames, { frames: 250 });
 * const part = partOf(clip, parts[0]!);
 * for await (const frame of projectSequence({ ...models, look, driver: part })) save(frame);
 */
export async function prepareClip(options: ProjectSequenceOptions): Promise<PreparedClip> {
  const settings = resolveSettings(options);
  if (typeof options.noiseMaps === 'object') throw noiseMapsOfFrame0();
  throwIfRunAborted(options.signal);
  using session = await openSession(options);
  await using opened = await openRun(options, settings, session);
  const { run, length, face } = opened;
  const frames: TargetedFrame[] = [];
  for await (const frame of opened.frames) frames.push(frame);
  const { aligned, hashes } = run.driver;
  return {
    prepared: 'v1',
    start: run.start,
    frames,
    hashes: frames.map(({ index }) => hashes.get(index)),
    ...{ aligned, length, origin: run.origin },
    ...(face && {
      look: {
        landmarks: face.landmarks,
        score: face.score,
        latent: run.from?.latent,
        carriedOver: run.from?.carriedOver,
      },
    }),
    ...(run.heatmapShape && { heatmapShape: run.heatmapShape.shape }),
  };
}

function noiseMapsOfFrame0(): FaceanimError {
  return new FaceanimError('invalid-option', 'A run that optimises noise maps cannot be split.', {
    hint: 'All its frames depend on the noise maps of frame 0. Leave out noiseMaps, or do not split the run.',
  });
}

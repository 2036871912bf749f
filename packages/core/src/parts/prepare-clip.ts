import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import type { TargetedFrame } from '../contracts/motion-target';
import { type OpenRun, openRun } from '../sequence/open-run';
import type { ProjectSequenceOptions } from '../sequence/options';
import { firstResumed } from '../sequence/resumed';
import { openSession } from '../sequence/session';
import { resolveSettings } from '../sequence/settings';
import { iterate } from '../sequence/streams';
import { type PlanPartsOptions, planParts } from './plan-parts';
import type { Part, PreparedClip } from './prepared-clip';

/**
 * Does what all frames of a run share: tracks the driver, computes its targets, and projects the look. The clip can then be
 * split, and its parts be optimised on several machines; see {@link planParts}. Memory holds the crops of all its frames:
 * {@link prepareParts} holds those of one part.
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
  await using opened = await openClip(options);
  return clipOf(opened, opened.run.start, await listOf(opened.frames));
}

/** A part of a run, ready to be optimised by itself. */
export interface PreparedPart {
  readonly part: Part;
  readonly clip: PreparedClip;
}

/**
 * Prepares a run as {@link prepareClip} does, and splits it as {@link planParts} does. Parts come one by one, for example to be
 * written to files ({@link encodeClip}). If the driver is a function, which can be read again, memory holds the crops of one
 * part, however long the driver is.
 *
 * @param options those of the run.
 * @throws {FaceanimError} as {@link prepareClip} and {@link planParts}.
 *
 * @example
 * const driver = () => readVideo('long.mp4');
 * for await (const { part, clip } of prepareParts({ ...models, look, driver }, { frames: 250 }))
 *   await writeFile(`${part.start}.safetensors`, encodeClip(clip));
 */
export async function* prepareParts(
  options: ProjectSequenceOptions,
  split: PlanPartsOptions,
): AsyncGenerator<PreparedPart> {
  // Checks them before the driver is tracked.
  planParts([], split);
  await using opened = await openClip(options);
  const { outline = await listOf(opened.frames) } = opened;
  const frames = iterate(opened.outline ? opened.frames : (outline as readonly TargetedFrame[]));
  try {
    let held: TargetedFrame[] = [];
    for (const part of planParts(outline, split)) {
      held = held.slice(held.length - part.overlap);
      while (held.length < part.end - part.start) held.push((await frames.next()).value!);
      yield { part, clip: clipOf(opened, opened.run.start + part.start, held) };
    }
  } finally {
    await frames.return(undefined);
  }
}

/** Opens a run to prepare it, with a session of its own. */
async function openClip(options: ProjectSequenceOptions): Promise<OpenRun> {
  const settings = resolveSettings(options, await firstResumed(options));
  if (typeof options.noiseMaps === 'object') throw noiseMapsOfFrame0();
  throwIfAborted(options.signal);
  const session = await openSession(options);
  try {
    const opened = await openRun(options, settings, session);
    const close = async () => {
      await opened[Symbol.asyncDispose]();
      session[Symbol.dispose]();
    };
    return { ...opened, [Symbol.asyncDispose]: close };
  } catch (error) {
    session[Symbol.dispose]();
    throw error;
  }
}

/** A clip of some frames of an open run. */
function clipOf(
  { run, length, face }: OpenRun,
  start: number,
  frames: readonly TargetedFrame[],
): PreparedClip {
  const { aligned, hashes } = run.driver;
  return {
    prepared: 'v1',
    start,
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

async function listOf<T>(items: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function noiseMapsOfFrame0(): FaceanimError {
  return new FaceanimError('invalid-option', 'A run that optimises noise maps cannot be split.', {
    hint: 'All its frames depend on the noise maps of frame 0. Leave out noiseMaps, or do not split the run.',
  });
}

import { invalidOption } from '@faceanim/tensor';
import type { ProjectedFrame } from '../contracts/frames';
import { isFrameStore, isProjectedFrame } from '../latents/latent-source';
import type { ProjectSequenceOptions } from './options';

/**
 * The first frame to resume from, before options are checked: undefined for anything that is no store.
 *
 * @throws {FaceanimError} as {@link resumedFrame}, but not for a list: its check names the option.
 */
export async function firstResumed(options: ProjectSequenceOptions): Promise<ProjectedFrame | undefined> {
  const { resume } = options ?? {};
  if (!isFrameStore(resume)) return undefined;
  return Array.isArray(resume) ? resume[0] : resumedFrame(options, 0);
}

/**
 * The finished frame at a position of the run; undefined where it has none.
 *
 * @throws {FaceanimError} `invalid-option` for a store that gives something else; what the store throws.
 */
export async function resumedFrame(
  { resume = [] }: Pick<ProjectSequenceOptions, 'resume'>,
  position: number,
): Promise<ProjectedFrame | undefined> {
  const frame = await resume.at(position);
  if (frame === undefined || isProjectedFrame(frame)) return frame;
  throw invalidOption(
    `Frame ${position} to resume from`,
    frame,
    'a projected frame, as decodeFrame returns it',
  );
}

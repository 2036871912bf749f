import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import type { ProjectedFrame } from '../contracts/frames';
import type { Generator } from '../contracts/generator';
import type { LatentStatistics } from '../contracts/latent-statistics';
import type { LatentSpace } from '../latents/latent-space';
import { isShape } from '../optimization/check-optimizer';
import type { Optimizer } from '../optimizers/optimizer';
import type { BegunDriver } from './driver';
import { checkOrigin, clipLength, originOf } from './origin';
import { resumedFrame } from './resumed';
import type { SequenceRun } from './run';

/** What a frame to resume from is compared with, beside its origin. */
type ResumingRun = Pick<SequenceRun, 'options' | 'settings' | 'space'>;

/** Where a frame to resume from stands in the run. */
interface Place {
  readonly position: number;
  /** The driver frame that it follows. */
  readonly driverIndex: number;
  /** The hash of this driver frame, if it is known. */
  readonly hash: string | undefined;
}

/**
 * Rejects frames to resume from as soon as the driver is open, since tracking it takes long. What only tracking tells, which is
 * the rest of the driver and often its length, is compared when the run has come to the frame.
 *
 * @throws {FaceanimError} `resume-mismatch`; `aborted`; as {@link resumedFrame}.
 */
export async function checkResumedEarly(
  run: ResumingRun,
  statistics: LatentStatistics,
  { aligned, length, hashes }: BegunDriver,
): Promise<void> {
  const { options, settings } = run;
  const { resumed: first } = settings;
  if (!first) return;
  const facts = { aligned, length: length ?? clipLength(first.origin) };
  const origin = await originOf(options, settings, statistics, facts);
  let frame: ProjectedFrame | undefined = first;
  for (let position = 0; frame; frame = await resumedFrame(options, ++position)) {
    const { driverIndex } = frame;
    throwIfAborted(options.signal, { frame: driverIndex });
    const place = { position, driverIndex, hash: hashes.get(driverIndex) };
    checkResumed(frame, place, { ...run, origin }, statistics);
  }
}

/**
 * Rejects a frame to resume from that this run would make differently.
 *
 * @throws {FaceanimError} `resume-mismatch` that lists what differs.
 */
export function checkResumed(
  frame: ProjectedFrame,
  { position, driverIndex, hash }: Place,
  { options, settings, space, origin }: ResumingRun & Pick<SequenceRun, 'origin'>,
  statistics: LatentStatistics,
): void {
  const { generator, resumeChanged } = options;
  checkPosition(frame, position, driverIndex);
  checkShape(frame, driverIndex, space, generator);
  checkOrigin(frame, { ...origin, driver: hash }, driverIndex, statistics, resumeChanged);
  checkCarriedOver(frame, driverIndex, space, settings.optimizer);
  if (position === 0 && settings.steps.look > 0) checkLookLatent(frame, generator);
}

/**
 * Rejects a frame to resume from that is at another position than in its run.
 *
 * @throws {FaceanimError} `resume-mismatch`.
 */
function checkPosition({ index }: ProjectedFrame, position: number, driverIndex: number): void {
  if (index === position) return;
  throw new FaceanimError(
    'resume-mismatch',
    `Frame ${index} to resume from stands where frame ${position} should.`,
    {
      frame: driverIndex,
      hint: 'Resume with the frames from frame 0 on, in order and without a gap, or start over without resume.',
    },
  );
}

/**
 * Rejects a frame to resume from whose latent has another shape.
 *
 * @throws {FaceanimError} `resume-mismatch`.
 */
function checkShape(
  { index, latent, coordinates }: ProjectedFrame,
  driverIndex: number,
  space: LatentSpace,
  { numWs, wDim }: Generator,
): void {
  const size = space.shape[0] * space.shape[1];
  if (latent.numWs === numWs && latent.wDim === wDim && coordinates.length === size) return;
  throw new FaceanimError(
    'resume-mismatch',
    `Frame ${index} to resume from belongs to a run with latents [${latent.numWs}, ${latent.wDim}] and ` +
      `${coordinates.length} coordinates; this run has [${numWs}, ${wDim}] and ${size}.`,
    {
      frame: driverIndex,
      hint: 'Resume with the generator and the latent space of the first run, or start over without resume.',
    },
  );
}

/**
 * Rejects optimizer state of other shapes than those that the optimizer starts with.
 *
 * @throws {FaceanimError} `resume-mismatch`.
 */
function checkCarriedOver(
  { index, carriedOver, lookCarriedOver }: ProjectedFrame,
  driverIndex: number,
  space: LatentSpace,
  optimizer: Optimizer,
): void {
  const states = [carriedOver, lookCarriedOver].filter((state) => state !== undefined);
  if (states.length === 0) return;
  const coordinates = { shape: [1, ...space.shape], data: space.origin };
  const start = optimizer.init({ params: { coordinates }, terms: 1 });
  for (const name of optimizer.carryOver ?? []) {
    const expected = start[name]?.shape.slice(1);
    const wrong = states.find((state) => expected && !(state[name] && isShape(state[name], expected)));
    if (!wrong) continue;
    const given = wrong[name];
    const shapes = `${given ? `[${given.shape}]` : 'missing'} in it and [${expected}] in this run`;
    throw new FaceanimError(
      'resume-mismatch',
      `Frame ${index} to resume from belongs to another run: the optimizer's ${name} is ${shapes}.`,
      {
        frame: driverIndex,
        hint: 'Resume with the frames as they were saved, or start over without resume.',
      },
    );
  }
}

/**
 * Rejects a frame 0 without the latent of the look, in a run that projects it.
 *
 * @throws {FaceanimError} `resume-mismatch`.
 */
function checkLookLatent({ lookLatent }: ProjectedFrame, { numWs, wDim }: Generator): void {
  if (lookLatent?.numWs === numWs && lookLatent.wDim === wDim) return;
  const given = lookLatent ? `of shape [${lookLatent.numWs}, ${lookLatent.wDim}]` : 'missing';
  throw new FaceanimError(
    'resume-mismatch',
    `Frame 0 to resume from belongs to another run: the latent of the look is ${given}.`,
    { frame: 0, hint: 'Resume with the frames as they were saved, or start over without resume.' },
  );
}

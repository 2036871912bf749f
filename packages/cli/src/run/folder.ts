import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreparedLook } from '@faceanim/core';
import type { Quad } from '@faceanim/core/landmarks';
import { readImage } from '@faceanim/media';
import { makeFolder, removeLeftovers } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import { counted } from '../terminal/counted';
import { FinishedFrames, finishedFrames } from './finished-frames';
import { lockRunFolder } from './lock';
import { framesName, lookName } from './names';
import { OpenRun, type RunFolder } from './open-run';
import { outputsOf, type RunRecord, type RunState, readRun } from './record';
import { checkSameRun } from './same-run';

/** What to do with finished frames of an earlier run. Without a choice, such a run is refused. */
export interface RunChoice {
  /** Continues after them. */
  readonly resume?: boolean;
  /** Replaces them as soon as the first new frame is finished. */
  readonly fresh?: boolean;
}

/**
 * Refuses a run whose folder holds finished frames, unless the user has said what to do with them.
 *
 * @throws {FaceanimError} `invalid-option` naming both choices.
 */
export function checkChoice(
  path: string,
  { frames, prepared }: RunState,
  { resume, fresh }: RunChoice,
): void {
  if ((frames === 0 && !prepared) || resume || fresh) return;
  const held = prepared ? 'parts of a run' : counted(frames, 'finished frame');
  throw new FaceanimError('invalid-option', `${path} holds ${held}.`, {
    file: path,
    hint: 'Add --resume to continue the run, --fresh to replace it, or pass another folder as --run.',
  });
}

/**
 * Refuses a run whose folder holds finished frames with which it cannot go on.
 *
 * @throws {FaceanimError} `invalid-option` as {@link checkChoice}; `resume-mismatch` as {@link checkSameRun}.
 */
export function checkEarlierRun(path: string, state: RunState, now: RunRecord, choice: RunChoice): void {
  checkChoice(path, state, choice);
  if (resumes(state, choice)) checkSameRun(path, state.record, now);
}

function resumes(state: RunState, { fresh }: RunChoice): state is RunState & { record: RunRecord } {
  return state.record !== undefined && (state.frames > 0 || state.prepared) && !fresh;
}

/**
 * Opens a run folder for writing. Nothing in it changes before the first new frame is saved.
 *
 * @param onWarning told of a last frame that is damaged, and of a lock of another machine that was taken over.
 * @throws {FaceanimError} as {@link checkEarlierRun}; `checkpoint-corrupt` naming a frame that cannot be read; `io`; `in-use` while another run is writing to it.
 */
export async function openRunFolder(
  path: string,
  record: RunRecord,
  choice: RunChoice,
  onWarning?: (message: string) => void,
): Promise<RunFolder> {
  checkEarlierRun(path, await readRun(path), record, choice);
  await makeFolder(path);
  const lock = await lockRunFolder(path);
  if (lock.takenFrom) onWarning?.(`The lock of ${path} was taken over from ${lock.takenFrom}.`);
  try {
    // Read again: until the lock was ours, another run may have changed it.
    const state = await readRun(path);
    checkEarlierRun(path, state, record, choice);
    const continues = resumes(state, choice);
    const frames = join(path, framesName);
    const finished = continues
      ? await finishedFrames(path, state.frames, onWarning)
      : new FinishedFrames(path, 0, 0);
    for (const folder of [path, frames]) await removeLeftovers(folder);
    const lookQuad = continues ? state.record.lookQuad : undefined;
    const prepared = continues && state.prepared;
    const begun = finished.length > 0 || prepared;
    const look = begun ? await readCroppedLook(path, lookQuad) : undefined;
    return new OpenRun(path, finished, look, begun, prepared, lock, {
      ...record,
      lookQuad,
      outputs: state.record ? await outputsOf(state.record) : {},
      completed: continues ? state.record.completed : 0,
    });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** The cropped look of a run, if it was cropped. */
export async function readCroppedLook(
  folder: string,
  quad: Quad | undefined,
): Promise<PreparedLook | undefined> {
  if (!(await readdir(folder)).includes(lookName)) return undefined;
  return { ...(await readImage(join(folder, lookName))), quad };
}

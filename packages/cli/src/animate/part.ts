import { FaceanimError } from '@faceanim/tensor';
import { checkEarlierRun, openRunFolder, readCroppedLook } from '../run/folder';
import { PartsFolder } from '../run/parts-folder';
import { readRun } from '../run/record';
import { withFlags } from '../run/same-run';
import { inFile } from '../terminal/in-file';
import type { AnimateHooks, RunHooks } from './hooks';
import { openAnimation, planSequence } from './open-animation';
import type { AnimateOptions } from './options';
import { preparedParts, projectPart } from './parts';

/** What was done of a run in parts. */
export interface PartReport {
  /** The run folder. */
  readonly run: string;
  readonly parts: number;
  /** The part that was optimised, from 1, and its frames; absent if the run was prepared. */
  readonly part?: { readonly number: number; readonly start: number; readonly end: number };
}

/**
 * Does one thing of a run in parts: prepares it, or optimises a part. Several machines may optimise parts of one run folder at
 * the same time; the run is joined by `animate` without `--part`.
 *
 * @throws {FaceanimError} as `animate`; `invalid-option` for a part that there is not, or a run that is not prepared.
 */
export async function animatePart(
  { part = 'prepare', ...options }: AnimateOptions,
  { signal, onProgress, log = () => {}, warn = () => {} }: AnimateHooks,
): Promise<PartReport> {
  const hooks = { signal, onProgress, log, warn };
  const work =
    part === 'prepare' ? prepare(options, hooks) : optimise({ ...options, resume: true }, part, hooks);
  return await work.catch((error) => withFlags(inFile(error, options.driver)));
}

async function prepare(options: AnimateOptions, hooks: RunHooks): Promise<PartReport> {
  await using opened = await openAnimation(options, hooks);
  const { plan } = opened;
  await using run = await openRunFolder(plan.run, plan.record, options, hooks.warn);
  const { sequence } = await planSequence(opened, options, run, hooks);
  const { parts } = await preparedParts(sequence, run, options, hooks);
  return { run: run.path, parts: parts.length };
}

async function optimise(options: AnimateOptions, number: number, hooks: RunHooks): Promise<PartReport> {
  await using opened = await openAnimation(options, hooks);
  const { run: path, record } = opened.plan;
  const state = await readRun(path);
  const folder = await PartsFolder.read(path);
  if (!folder || !state.record) throw notPrepared(path);
  checkEarlierRun(path, state, record, options);
  const part = folder.parts[number - 1];
  if (!part) throw noSuchPart(number, folder.parts.length);
  const look = await readCroppedLook(path, state.record.lookQuad);
  const run = { continues: true, look, keepLook: () => {} };
  const { sequence } = await planSequence(opened, options, run, hooks);
  for await (const _ of projectPart(sequence, folder, number - 1, { record, ...hooks }));
  const { start, end } = part;
  return { run: path, parts: folder.parts.length, part: { number, start, end } };
}

function notPrepared(path: string): FaceanimError {
  return new FaceanimError('invalid-option', `${path} holds no parts.`, {
    file: path,
    hint: 'Run the same command with --part prepare first. Parts that are joined are gone.',
  });
}

function noSuchPart(number: number, count: number): FaceanimError {
  return new FaceanimError('invalid-option', `--part must be a number from 1 to ${count}, got ${number}.`);
}

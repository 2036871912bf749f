import { extname, join, resolve } from 'node:path';
import { checkVideoOutput, openVideo, type Video } from '@faceanim/media';
import { readLatents, type StoredLatents } from '@faceanim/models';
import { FaceanimError, invalidOption } from '@faceanim/tensor';
import {
  checkInputs,
  checkOutputs,
  isStdout,
  type NamedPath,
  namedPaths,
  type Output,
} from '../files/outputs';
import { isFolderPath } from '../files/paths';
import { checkRate } from '../flags/check-rate';
import { checkChoice } from '../run/folder';
import { latentsName, lookName, recordName } from '../run/names';
import { madeBy, type RunState, readRun } from '../run/record';
import type { AnimateOptions } from './options';
import { planSequence, type SequencePlan } from './sequence';

/** A run whose options and paths have been checked. Nothing has been written yet. */
export interface AnimatePlan {
  readonly sequence: SequencePlan;
  /** The latents of `--initial`, not yet fitted to the generator. */
  readonly initial: StoredLatents | undefined;
  readonly driver: Video;
  /** Number of driver frames used, if the driver says. */
  readonly frames: number | undefined;
  /** Driver frames, and so latents, per second. */
  readonly latentFps: number;
  /** Output frames per second. */
  readonly fps: number;
  readonly subframes: number;
  readonly run: string;
  readonly sheet: string;
  readonly curve: string;
  readonly json: string | undefined;
  /** Whether the animation is a folder of frames. */
  readonly isFolder: boolean;
  /** The outputs that may replace an existing file. */
  readonly replaceable: readonly string[];
}

/**
 * Checks everything that can be checked without loading networks.
 *
 * @throws {FaceanimError} `invalid-option`, `io`, `media` or `checkpoint-corrupt` naming the flag or the file.
 */
export async function planAnimation(options: AnimateOptions, signal?: AbortSignal): Promise<AnimatePlan> {
  const { driver, out, every = 1, limit, start = 0, subframes = 2 } = options;
  if (options.resume && options.fresh) {
    throw new FaceanimError('invalid-option', '--resume and --fresh exclude each other.', {
      hint: 'Pass --resume to continue after the finished frames, or --fresh to replace them.',
    });
  }
  if (isStdout(out)) throw invalidOption('--out', out, 'the name of a file or folder');
  const sequence = planSequence(options);
  const inputs = inputsOf(options);
  await checkInputs(inputs, ['--driver']);
  const initial = options.initial === undefined ? undefined : await readLatents(options.initial, { signal });
  const video = await openVideo(driver);
  const { info } = video;
  const available = info.frames === undefined ? undefined : Math.ceil((info.frames - start) / every);
  if (available !== undefined && available < 1) {
    throw invalidOption('--start', start, `less than ${info.frames}, the number of frames of ${driver}`);
  }
  const latentFps = info.fps / every;
  const fps = options.fps ?? latentFps * subframes;
  checkRate(fps, { fps: options.fps, subframes });
  const base = basePath(out);
  const run = runFolderOf(options);
  const [sheet, curve] = [`${base}.sheet.png`, `${base}.losses.png`];

  const state = await readRun(run);
  checkChoice(run, state, options);
  const replaceable: string[] = [];
  for (const path of [out, sheet, curve, ...(options.json === undefined ? [] : [options.json])])
    if (await mayReplace(path, options, state)) replaceable.push(path);
  const replace = (path: string) => replaceable.includes(path);
  await checkOutputs([{ name: '--out', path: out }], inputs);
  const kind = await checkVideoOutput(out, { fps, overwrite: replace(out) });
  const outputs: Output[] = [
    { name: '--out', path: out },
    { name: 'the run folder', path: run, kind: 'folder' },
    ...[recordName, latentsName, lookName].map((name) => ({
      name: 'a file of the run folder',
      path: join(run, name),
    })),
    { name: 'the contact sheet', path: sheet, kind: 'file', replace: replace(sheet) },
    { name: 'the loss curve', path: curve, kind: 'file', replace: replace(curve) },
  ];
  if (options.json !== undefined) {
    outputs.push({ name: '--json', path: options.json, kind: 'file', replace: replace(options.json) });
  }
  await checkOutputs(outputs, inputs);
  return {
    ...{ sequence, initial, driver: video },
    frames: available === undefined ? limit : Math.min(available, limit ?? available),
    ...{ latentFps, fps, subframes, run, sheet, curve, json: options.json },
    isFolder: kind === 'folder',
    replaceable,
  };
}

/** The run folder: `--run`, or beside the output. */
export function runFolderOf({ run, out }: AnimateOptions): string {
  return run ?? `${basePath(out)}.run`;
}

/** The files and folders that a run reads. */
function inputsOf(options: AnimateOptions): NamedPath[] {
  return namedPaths({
    '--driver': options.driver,
    '--look': options.look,
    '--initial': options.initial,
    '--generator': options.generator,
    '--encoder': options.encoder,
    '--fan': options.fan,
    '--lpips': options.lpips,
    '--lpips-heads': options.lpipsHeads,
  });
}

/** With `--overwrite`, or when the run that made the file is resumed or replaced. */
async function mayReplace(path: string, options: AnimateOptions, { record }: RunState): Promise<boolean> {
  if (options.overwrite) return true;
  return Boolean(options.resume || options.fresh) && (await madeBy(record, path));
}

/** `out/talk.mp4` and `out/talk/` become `out/talk`: the start of the names of the files beside it. */
function basePath(out: string): string {
  const extension = isFolderPath(out) ? '' : extname(out);
  const bare = out.slice(0, out.length - extension.length).replace(/[/\\]+$/, '');
  // `.` and `..` have no name to add to.
  return /(^|[/\\])\.{0,2}$/.test(bare) ? resolve(out) : bare;
}

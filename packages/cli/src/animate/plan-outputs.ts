import { extname, join, resolve } from 'node:path';
import { checkVideoOutput } from '@faceanim/media';
import { invalidOption } from '@faceanim/tensor';
import type { NamedPath } from '../files/inputs';
import { checkOutputs } from '../files/outputs';
import { isFolderPath } from '../files/paths';
import { refuseStdout } from '../files/stdout';
import { checkChoice } from '../run/folder';
import { latentsName, lookName, recordName } from '../run/names';
import { madeBy, type RunState, readRun } from '../run/record';
import type { AnimateOptions } from './options';

/** What a run will write beside `--out`, and what it may replace. */
export interface PlannedOutputs {
  /** The run folder. */
  readonly run: string;
  /** The contact sheet. */
  readonly sheet: string;
  /** The loss curve. */
  readonly curve: string;
  /** The page of the report. */
  readonly page: string | undefined;
  /** Its numbers as JSON. */
  readonly numbers: string | undefined;
  /** Whether the animation is a folder of frames. */
  readonly isFolder: boolean;
  /** The outputs that may replace an existing file. */
  readonly replaceable: readonly string[];
}

/**
 * Checks that everything can be written and nothing is lost.
 *
 * @throws {FaceanimError} `invalid-option`, `io` or `media` naming the flag or the file.
 */
export async function planOutputs(
  options: AnimateOptions,
  inputs: readonly NamedPath[],
  fps: number,
): Promise<PlannedOutputs> {
  const { out } = options;
  refuseStdout(out);
  const { page, numbers } = reportFiles(options.report);
  const run = runFolderOf(options);
  const [sheet, curve] = [`${basePath(out)}.sheet.png`, `${basePath(out)}.losses.png`];
  const state = await readRun(run);
  checkChoice(run, state, options);

  const files = [
    { name: 'the contact sheet', path: sheet },
    { name: 'the loss curve', path: curve },
    ...(numbers === undefined
      ? []
      : [{ name: page === undefined ? '--report' : 'the numbers of the report', path: numbers }]),
    ...(page === undefined ? [] : [{ name: '--report', path: page }]),
  ];
  const replaceable: string[] = [];
  for (const path of [out, ...files.map((file) => file.path)])
    if (await mayReplace(path, options, state)) replaceable.push(path);

  await checkOutputs([{ name: '--out', path: out }], inputs);
  const kind = await checkVideoOutput(out, { fps, overwrite: replaceable.includes(out) });
  const inRun = [recordName, latentsName, lookName].map((name) => join(run, name));
  await checkOutputs(
    [
      { name: '--out', path: out },
      { name: 'the run folder', path: run, kind: 'folder' },
      ...inRun.map((path) => ({ name: 'a file of the run folder', path })),
      ...files.map((file) => ({
        ...file,
        kind: 'file' as const,
        replace: replaceable.includes(file.path),
      })),
    ],
    inputs,
  );
  return { run, sheet, curve, page, numbers, isFolder: kind === 'folder', replaceable };
}

/** `talk.html` is a page with `talk.json` beside it; `talk.json` alone has no page. */
function reportFiles(report: string | undefined): Pick<PlannedOutputs, 'page' | 'numbers'> {
  const [, name, kind] = report?.match(/^(.*)\.(html?|json)$/is) ?? [];
  if (report === undefined) return { page: undefined, numbers: undefined };
  if (kind === undefined) throw invalidOption('--report', report, 'a name that ends in .html or .json');
  return kind.toLowerCase() === 'json'
    ? { page: undefined, numbers: report }
    : { page: report, numbers: `${name}.json` };
}

/** The run folder: `--run`, or beside the output. */
export function runFolderOf({ run, out }: Pick<AnimateOptions, 'run' | 'out'>): string {
  return run ?? `${basePath(out)}.run`;
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

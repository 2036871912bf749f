import { type ProjectSequenceOptions, projectSequence, type SequenceFrame } from '@faceanim/core';
import { joinParts, type PreparedPart, prepareParts } from '@faceanim/core/parts';
import type { RunFolder } from '../run/open-run';
import { PartsFolder } from '../run/parts-folder';
import type { RunRecord } from '../run/record';
import { counted } from '../terminal/counted';
import type { RunHooks } from './hooks';

/** What a run in parts needs beside the options of `projectSequence`. */
type PartContext = Pick<RunHooks, 'log' | 'warn'> & { readonly record: RunRecord };

/** How a run is split: the most frames of a part, and how many frames two parts share. */
export interface SplitFlags {
  split?: number;
  overlap?: number;
  /** What is done of a run in parts: it is prepared, or the part of this number is optimised, from 1. Default: all. */
  part?: 'prepare' | number;
}

/** Does once what all parts need, and writes a file for each; not again if an earlier run has. */
export async function preparedParts(
  options: ProjectSequenceOptions,
  run: RunFolder,
  { split, overlap }: SplitFlags,
  { log }: Pick<RunHooks, 'log'>,
): Promise<PartsFolder> {
  // Those of a run that is replaced are not ours.
  const known = run.prepared ? await PartsFolder.read(run.path) : undefined;
  if (known) return known;
  const { resume: _, refine: _refine, ...whole } = options;
  const folder = await PartsFolder.write(
    run.path,
    begun(run, prepareParts(whole, { frames: split!, overlap })),
  );
  log(`Split into ${counted(folder.parts.length, 'part')} of at most ${counted(split!, 'frame')}.`);
  return folder;
}

/** Begins a run, which may remove an earlier one, when its driver is tracked. */
async function* begun(run: RunFolder, parts: AsyncIterable<PreparedPart>): AsyncGenerator<PreparedPart> {
  for await (const part of parts) {
    await run.begin();
    yield part;
  }
}

/** Optimises all parts that are not finished, one after the other, and joins them. */
export async function* projectParts(
  options: ProjectSequenceOptions,
  run: RunFolder,
  flags: SplitFlags,
  context: PartContext,
): AsyncGenerator<SequenceFrame> {
  const folder = await preparedParts(options, run, flags, context);
  yield* joinParts(folder.parts, (_, i) => projectPart(options, folder, i, context));
}

/** Optimises a part after its finished frames, which are passed on, too. */
export async function* projectPart(
  options: ProjectSequenceOptions,
  folder: PartsFolder,
  position: number,
  { record, log, warn }: PartContext,
): AsyncGenerator<SequenceFrame> {
  const { start, end } = folder.parts[position]!;
  const driver = await folder.clip(position);
  await using run = await folder.open(position, record, warn);
  const done = run.finished.length;
  if (done < end - start)
    log(`Part ${position + 1} of ${folder.parts.length}: frames ${start} to ${end - 1}`);
  for await (const frame of projectSequence({ ...options, driver, resume: run.finished })) {
    if (frame.index - start >= done) await run.save(frame, frame.index - start);
    yield frame;
  }
}

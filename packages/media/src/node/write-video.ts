import { basename, dirname, extname } from 'node:path';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import {
  type AtomicWriteOptions,
  atomicWriteChecks,
  checkFileOutput,
  writeAtomically,
} from '../files/atomic-write';
import { pathCheck } from '../files/path-check';
import { removeLeftovers } from '../files/temporary-files';
import type { VideoInfo } from '../video';
import {
  checkedFrames,
  framesCheck,
  type ImageStream,
  type WriteFramesOptions,
  writeFramesChecks,
} from '../write-frames';
import { ffmpegIsInstalled, ffmpegMissing } from './ffmpeg';
import { checkFrameFolder } from './frame-folder';
import { checkFfmpegEncoder, writeWithFfmpeg } from './sinks/ffmpeg';
import { writeFolder } from './sinks/folder';
import { writeGif } from './sinks/gif';
import { writeWebp } from './sinks/webp';
import type { VideoSink } from './video-sink';

/** Options of {@link writeVideo}. A folder of frames does not record the rate. */
export interface WriteVideoOptions extends WriteFramesOptions, AtomicWriteOptions {}

const checks: OptionChecks<WriteVideoOptions> = { ...writeFramesChecks, ...atomicWriteChecks };

/** What {@link writeVideo} has written. */
export interface WrittenVideo {
  /** The path that was asked for. */
  readonly path: string;
  /** Number of frames in it. */
  readonly frames: number;
  /** A folder of frames, an animated picture or a video file. */
  readonly kind: VideoInfo['kind'];
}

/**
 * Writes frames of one size as they come. The extension of `path` decides what is written:
 *
 * - `.mp4`, `.mov`, `.mkv` (H.264), `.webm` (VP9): a video file, which needs the `ffmpeg` command. Odd sizes get a black line.
 * - `.webp`, `.gif`: an animated picture.
 * - none, or a slash at the end: a folder of `000000.png`, `000001.png`, ….
 *
 * A file appears when it is complete; after an error or abort nothing is left of it. In a folder, finished frames stay;
 * `faceanim.json` says how many are ours, and a folder with other pictures is refused. Missing parent folders are made. A
 * device or pipe gets the finished file.
 *
 * @throws FaceanimError `invalid-option` for an unknown extension or a wrong fps; `media` for no frames, frames of
 *   differing size, or an encoder that is missing or fails; `io` naming the path (full disk, no permission, file exists);
 *   `aborted`; and whatever `frames` throws
 */
export async function writeVideo(
  path: string,
  frames: ImageStream,
  options: WriteVideoOptions,
): Promise<WrittenVideo> {
  checkOptions('writeVideo', options, checks);
  framesCheck(frames, 'The frames of writeVideo');
  const { fps, overwrite = true, signal, onProgress } = options;
  throwIfAborted(signal);
  const { kind, sink } = await openOutput(path, options);
  let count = 0;
  const checked = checkedFrames(frames, path, {
    signal,
    onProgress: (event) => {
      count++;
      onProgress?.(event);
    },
  });
  const write = (target: string) => sink(checked, { path: target, name: path, fps, overwrite, signal });
  if (kind === 'folder') await write(path);
  else {
    await removeLeftovers(dirname(path), basename(path));
    await writeAtomically(path, write, { overwrite });
  }
  return { path, frames: count, kind };
}

/**
 * Checks that {@link writeVideo} could start, without writing anything: extension, rate, encoder, and what exists at
 * `path`. Call it before long work whose result is to be written.
 *
 * @returns what would be written: a folder of frames, an animated picture or a video file
 * @throws FaceanimError as {@link writeVideo}
 */
export async function checkVideoOutput(
  path: string,
  options: Pick<WriteVideoOptions, 'fps' | 'overwrite'>,
): Promise<VideoInfo['kind']> {
  return (await openOutput(path, options)).kind;
}

async function openOutput(
  path: string,
  { fps, overwrite = true }: Pick<WriteVideoOptions, 'fps' | 'overwrite'>,
): Promise<{ kind: VideoInfo['kind']; sink: VideoSink }> {
  pathCheck(path, 'path');
  checks.fps(fps, 'fps');
  const chosen = await chooseSink(path);
  if (chosen.kind === 'folder') await checkFrameFolder(path, { overwrite });
  else await checkFileOutput(path, { overwrite });
  return chosen;
}

async function chooseSink(path: string): Promise<{ kind: VideoInfo['kind']; sink: VideoSink }> {
  const extension = /[/\\]$/.test(path) ? '' : extname(path).toLowerCase();
  switch (extension) {
    case '':
      return { kind: 'folder', sink: writeFolder };
    case '.webp':
      return { kind: 'animation', sink: writeWebp };
    case '.gif':
      return { kind: 'animation', sink: writeGif };
    case '.mp4':
    case '.mov':
    case '.mkv':
    case '.webm':
      return { kind: 'video', sink: await chooseEncoder(path) };
    default:
      throw new FaceanimError(
        'invalid-option',
        `${path} is in no format that can be written: ${extension}.`,
        {
          file: path,
          hint: 'Use .mp4, .mov, .mkv, .webm, .webp or .gif, or no extension for a folder of PNG frames.',
        },
      );
  }
}

async function chooseEncoder(path: string): Promise<VideoSink> {
  if (!(await ffmpegIsInstalled())) {
    throw ffmpegMissing(path, 'write .webp, .gif or a folder of PNG frames (a name without extension)');
  }
  await checkFfmpegEncoder(path);
  return writeWithFfmpeg;
}

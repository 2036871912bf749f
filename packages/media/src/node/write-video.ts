import { basename, dirname, extname } from 'node:path';
import { FaceanimError, messageOf, throwIfAborted } from '@faceanim/tensor/errors';
import { checkFileOutput, writeAtomically } from '../files/atomic-write';
import { removeLeftovers } from '../files/temporary-files';
import { pathCheck } from '../path-check';
import type { VideoInfo } from '../video';
import {
  checkedFrames,
  checkWriteOptions,
  frameStarts,
  framesCheck,
  type ImageStream,
  type WriteVideoOptions,
  type WrittenVideo,
} from '../video-output';
import { addSound } from './add-sound';
import { ffmpegIsInstalled, ffmpegMissing } from './ffmpeg';
import { fileAsBlob } from './file-as-blob';
import { checkFrameFolder } from './frame-folder';
import { checkFfmpegEncoder, writeWithFfmpeg } from './sinks/ffmpeg';
import { writeFolder } from './sinks/folder';
import { writeGif } from './sinks/gif';
import { writeWebp } from './sinks/webp';
import { openSound, type Sound } from './sound';
import type { VideoSink } from './video-sink';

export async function writeVideo(
  path: string,
  frames: ImageStream,
  options: WriteVideoOptions,
): Promise<WrittenVideo> {
  checkWriteOptions('writeVideo', options);
  framesCheck(frames, 'The frames of writeVideo');
  const { fps, times, overwrite = true, beforeRename, aiGenerated = true } = options;
  const { signal, onProgress, onWarning } = options;
  const startOf = frameStarts(options);
  throwIfAborted(signal);
  const { kind, sink, sound } = await openOutput(path, options);
  let count = 0;
  const checked = checkedFrames(frames, path, {
    times,
    signal,
    onProgress: (event) => {
      count++;
      onProgress?.(event);
    },
  });
  const write = async (target: string) => {
    await sink(checked, { path: target, name: path, fps, startOf, overwrite, aiGenerated, signal });
    if (!sound) return;
    // Long work must not be lost for its sound.
    await addSound({ path: target, name: path, seconds: startOf(count) }, sound, signal).catch((error) => {
      if (FaceanimError.isInstance(error, 'aborted')) throw error;
      onWarning?.(`${path} has no sound: ${messageOf(error)}`);
    });
  };
  if (kind === 'folder') await write(path);
  else {
    await removeLeftovers(dirname(path), basename(path));
    await writeAtomically(path, write, { overwrite, beforeRename });
  }
  return { path, frames: count, kind, blob: () => fileAsBlob(path) };
}

export async function checkVideoOutput(path: string, options: WriteVideoOptions): Promise<VideoInfo['kind']> {
  checkWriteOptions('checkVideoOutput', options);
  return (await openOutput(path, options)).kind;
}

interface Output {
  readonly kind: VideoInfo['kind'];
  readonly sink: VideoSink;
}

async function openOutput(
  path: string,
  { overwrite = true, audio, signal, onWarning }: WriteVideoOptions,
): Promise<Output & { sound: Sound | undefined }> {
  pathCheck(path, 'path');
  const chosen = await chooseSink(path);
  if (chosen.kind === 'folder') await checkFrameFolder(path, { overwrite });
  else await checkFileOutput(path, { overwrite });
  if (!audio) return { ...chosen, sound: undefined };
  if (chosen.kind !== 'video') {
    onWarning?.(`${path} has no sound: only .mp4, .mov, .mkv and .webm can have it.`);
    return { ...chosen, sound: undefined };
  }
  const sound = await openSound(audio, signal);
  if (!sound) onWarning?.(`${path} has no sound: its source has none.`);
  return { ...chosen, sound };
}

async function chooseSink(path: string): Promise<Output> {
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

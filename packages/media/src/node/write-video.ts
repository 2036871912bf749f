import { basename, dirname, extname } from 'node:path';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import { checkOptions } from '@faceanim/tensor/options';
import { checkFileOutput, writeAtomically } from '../files/atomic-write';
import { removeLeftovers } from '../files/temporary-files';
import { pathCheck } from '../path-check';
import type { VideoInfo } from '../video';
import {
  checkedFrames,
  framesCheck,
  type ImageStream,
  type WriteVideoOptions,
  type WrittenVideo,
  writeVideoChecks,
} from '../video-output';
import { ffmpegIsInstalled, ffmpegMissing } from './ffmpeg';
import { fileAsBlob } from './file-as-blob';
import { checkFrameFolder } from './frame-folder';
import { checkFfmpegEncoder, writeWithFfmpeg } from './sinks/ffmpeg';
import { writeFolder } from './sinks/folder';
import { writeGif } from './sinks/gif';
import { writeWebp } from './sinks/webp';
import type { VideoSink } from './video-sink';

export async function writeVideo(
  path: string,
  frames: ImageStream,
  options: WriteVideoOptions,
): Promise<WrittenVideo> {
  checkOptions('writeVideo', options, writeVideoChecks, { required: ['fps'] });
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
  return { path, frames: count, kind, blob: () => fileAsBlob(path) };
}

export async function checkVideoOutput(path: string, options: WriteVideoOptions): Promise<VideoInfo['kind']> {
  checkOptions('checkVideoOutput', options, writeVideoChecks, { required: ['fps'] });
  return (await openOutput(path, options)).kind;
}

async function openOutput(
  path: string,
  { overwrite = true }: WriteVideoOptions,
): Promise<{ kind: VideoInfo['kind']; sink: VideoSink }> {
  pathCheck(path, 'path');
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

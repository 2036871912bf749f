import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
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
import type { Sound } from './sound';
import type { VideoFormat } from './video-format';
import { needWebCodecs } from './web-codecs';

export async function writeVideo(
  path: string,
  frames: ImageStream,
  options: WriteVideoOptions,
): Promise<WrittenVideo> {
  checkWriteOptions('writeVideo', options);
  framesCheck(frames, 'The frames of writeVideo');
  const { fps, aiGenerated = true, signal, onWarning } = options;
  throwIfAborted(signal);
  const format = await usableFormat(path);
  using sound = await soundOf(path, format, options);
  const { encodeVideo } = await import('./encode-video');
  const checked = checkedFrames(frames, path, options);
  const startOf = frameStarts(options);
  const encoded = await encodeVideo(checked, {
    name: path,
    format,
    fps,
    startOf,
    aiGenerated,
    sound,
    onWarning,
  });
  return { path, frames: encoded.frames, kind: 'video', blob: async () => encoded.blob };
}

export async function checkVideoOutput(path: string, options: WriteVideoOptions): Promise<VideoInfo['kind']> {
  checkWriteOptions('checkVideoOutput', options);
  const format = await usableFormat(path);
  using _sound = await soundOf(path, format, options);
  return 'video';
}

async function soundOf(
  path: string,
  format: VideoFormat,
  { audio, signal, onWarning }: WriteVideoOptions,
): Promise<Sound | undefined> {
  if (!audio) return undefined;
  const { openSound } = await import('./sound');
  const sound = await openSound(audio, format, signal);
  if (typeof sound !== 'string') return sound;
  onWarning?.(`${path} has no sound: ${sound}.`);
  return undefined;
}

/** The format that the extension of `path` stands for, if this browser encodes it. */
async function usableFormat(path: string): Promise<VideoFormat> {
  pathCheck(path, 'path');
  const [, extension] = /[^/\\]\.(mp4|webm)$/i.exec(path) ?? [];
  if (!extension) {
    throw new FaceanimError('invalid-option', `${path} is in no format that browsers write.`, {
      file: path,
      hint: 'Use .mp4 or .webm.',
    });
  }
  const format = extension.toLowerCase() as VideoFormat;
  needWebCodecs('VideoEncoder', path);
  const { checkEncoder } = await import('./encode-video');
  await checkEncoder(path, format);
  return format;
}

import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import { checkOptions } from '@faceanim/tensor/options';
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
import type { VideoFormat } from './encode-video';
import { needWebCodecs } from './web-codecs';

export async function writeVideo(
  path: string,
  frames: ImageStream,
  options: WriteVideoOptions,
): Promise<WrittenVideo> {
  checkOptions('writeVideo', options, writeVideoChecks, { required: ['fps'] });
  framesCheck(frames, 'The frames of writeVideo');
  throwIfAborted(options.signal);
  const format = await usableFormat(path);
  const { encodeVideo } = await import('./encode-video');
  const checked = checkedFrames(frames, path, options);
  const encoded = await encodeVideo(checked, { name: path, format, fps: options.fps });
  return { path, frames: encoded.frames, kind: 'video', blob: async () => encoded.blob };
}

export async function checkVideoOutput(path: string, options: WriteVideoOptions): Promise<VideoInfo['kind']> {
  checkOptions('checkVideoOutput', options, writeVideoChecks, { required: ['fps'] });
  await usableFormat(path);
  return 'video';
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

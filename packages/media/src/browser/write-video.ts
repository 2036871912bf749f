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
import { needWebCodecs } from './web-codecs';

/** Formats that browsers write. */
const formats = ['mp4', 'webm', 'gif', 'webp'] as const;
type Format = (typeof formats)[number];

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
  const checked = checkedFrames(frames, path, options);
  const encoding = { name: path, startOf: frameStarts(options), aiGenerated };
  const encode = async () => {
    if (format === 'gif') return (await import('./encode-gif')).encodeGif(checked, encoding);
    if (format === 'webp') return (await import('./encode-webp')).encodeWebp(checked, encoding);
    const { encodeVideo } = await import('./encode-video');
    return encodeVideo(checked, { ...encoding, format, fps, sound, onWarning });
  };
  const encoded = await encode();
  return { path, frames: encoded.frames, kind: kindOf(format), blob: async () => encoded.blob };
}

export async function checkVideoOutput(path: string, options: WriteVideoOptions): Promise<VideoInfo['kind']> {
  checkWriteOptions('checkVideoOutput', options);
  const format = await usableFormat(path);
  using _sound = await soundOf(path, format, options);
  return kindOf(format);
}

const kindOf = (format: Format): VideoInfo['kind'] =>
  format === 'gif' || format === 'webp' ? 'animation' : 'video';

async function soundOf(
  path: string,
  format: Format,
  { audio, signal, onWarning }: WriteVideoOptions,
): Promise<Sound | undefined> {
  if (!audio) return undefined;
  if (format === 'gif' || format === 'webp') {
    onWarning?.(`${path} has no sound: only .mp4 and .webm can have it.`);
    return undefined;
  }
  const { openSound } = await import('./sound');
  const sound = await openSound(audio, format, signal);
  if (typeof sound !== 'string') return sound;
  onWarning?.(`${path} has no sound: ${sound}.`);
  return undefined;
}

/** The format that the extension of `path` stands for, if this browser encodes it. */
async function usableFormat(path: string): Promise<Format> {
  pathCheck(path, 'path');
  const [, extension] = /[^/\\]\.(\w+)$/.exec(path) ?? [];
  const format = formats.find((each) => each === extension?.toLowerCase());
  if (!format) {
    throw new FaceanimError('invalid-option', `${path} is in no format that browsers write.`, {
      file: path,
      hint: 'Use .mp4, .webm, .gif or .webp.',
    });
  }
  if (format === 'webp') await (await import('./encode-webp')).checkWebpEncoder(path);
  if (format === 'gif' || format === 'webp') return format;
  needWebCodecs('VideoEncoder', path);
  const { checkEncoder } = await import('./encode-video');
  await checkEncoder(path, format);
  return format;
}

import type { RgbImage } from '@faceanim/core';
import { FaceanimError, messageOf } from '@faceanim/tensor/errors';
import {
  BufferTarget,
  canEncodeVideo,
  Mp4OutputFormat,
  Output,
  Quality,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from 'mediabunny';
import { aiComment } from '../ai-generated';
import { type Size, withAlpha } from './canvas';
import type { Encoded, ImageEncoding, VideoFormat } from './encoding';
import type { Sound } from './sound';

/** What to encode frames into. */
interface Encoding extends ImageEncoding {
  readonly format: VideoFormat;
  /** The constant rate, or undefined for frames at irregular times. */
  readonly fps: number | undefined;
  readonly sound: Sound | undefined;
  readonly onWarning: ((message: string) => void) | undefined;
}

const formats = {
  mp4: { codec: 'avc', label: 'H.264', other: '.webm', container: () => new Mp4OutputFormat() },
  webm: { codec: 'vp9', label: 'VP9', other: '.mp4', container: () => new WebMOutputFormat() },
} as const satisfies Record<VideoFormat, object>;

/** @throws FaceanimError `media` if this browser does not encode videos of a format */
export async function checkEncoder(name: string, format: VideoFormat): Promise<void> {
  const { codec, label, other } = formats[format];
  if (await canEncodeVideo(codec)) return;
  throw new FaceanimError(
    'media',
    `${name} needs an encoder for ${label}, which this browser does not have.`,
    {
      file: name,
      hint: `Use ${other}, or another browser.`,
    },
  );
}

/** Encodes frames by WebCodecs; mediabunny makes the file. Import this lazily, since mediabunny is large. */
export async function encodeVideo(
  frames: AsyncIterable<RgbImage>,
  { name, format, fps, startOf, aiGenerated, sound, onWarning }: Encoding,
): Promise<Encoded> {
  const { codec, container } = formats[format];
  const target = new BufferTarget();
  const output = new Output({ format: container(), target });
  if (aiGenerated) output.setMetadataTags({ comment: aiComment });
  const track = new VideoSampleSource({ codec, quality: new Quality('very-high') });
  output.addVideoTrack(track, fps === undefined ? {} : { frameRate: fps });
  if (sound) output.addAudioTrack(sound.track);
  let index = 0;
  try {
    await output.start();
    for await (const frame of frames) {
      const { width: codedWidth, height: codedHeight, data } = withAlpha(frame, evenSize(frame));
      const timestamp = startOf(index);
      const duration = startOf(index + 1) - timestamp;
      const sample = new VideoSample(data, {
        format: 'RGBX',
        ...{ codedWidth, codedHeight, timestamp, duration },
      });
      const added = track.add(sample).finally(() => sample.close());
      await added.catch(failed(name, index));
      index++;
    }
    // Long work must not be lost for its sound.
    await sound?.write(startOf(index)).catch((error) => {
      const reason = messageOf(error);
      onWarning?.(`${name} has no more sound from here on: ${reason}`);
    });
    await output.finalize().catch(failed(name, index));
  } catch (error) {
    // The first error is the one to report, even if this fails too.
    await output.cancel().catch(() => {});
    throw error;
  }
  return { blob: new Blob([target.buffer!], { type: `video/${format}` }), frames: index };
}

/** The next even size, as 4:2:0 halves the resolution of colours. */
function evenSize({ width, height }: RgbImage): Size {
  return { width: width + (width % 2), height: height + (height % 2) };
}

/** Turns an error of the encoder into a typed one. */
function failed(name: string, frame: number): (cause: unknown) => never {
  return (cause) => {
    const reason = messageOf(cause);
    throw new FaceanimError('media', `The browser could not encode ${name} at frame ${frame}: ${reason}`, {
      ...{ file: name, frame, cause },
      hint: 'Try the other format, or frames of a smaller size.',
    });
  };
}

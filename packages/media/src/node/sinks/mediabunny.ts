import { extname } from 'node:path';
import type { RgbImage } from '@faceanim/core';
import { FaceanimError } from '@faceanim/tensor';
import type { Mediabunny, MediaOutput } from '../mediabunny';
import { reason } from '../read-image';
import type { SinkTarget, VideoSink } from '../video-sink';
import { bt709, rgbToI420 } from '../yuv';

const h264 = { codec: 'avc', quantizer: 16 };
const vp9 = { codec: 'vp9', quantizer: 24 };
/** Container and codec by extension; a quantizer is like ffmpeg's crf. */
const encodings = {
  '.mp4': { container: 'Mp4OutputFormat', ...h264 },
  '.mov': { container: 'MovOutputFormat', ...h264 },
  '.mkv': { container: 'MkvOutputFormat', ...h264 },
  '.webm': { container: 'WebMOutputFormat', ...vp9 },
} as const;
const colorSpace = { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', fullRange: false };
/** Where an encoder takes no quantizer, in bits per second. */
const fallbackBitrate = 8e6;

/** A video file through `mediabunny` and `@mediabunny/server`: 4:2:0, BT.709, limited range; even sizes only. */
export function writeWithMediabunny(bunny: Mediabunny): VideoSink {
  return async (frames, target) => {
    const { path, name, fps } = target;
    const { container, codec, quantizer } = encodings[extname(path).toLowerCase() as keyof typeof encodings];
    const source = new bunny.VideoSampleSource({
      codec,
      quality: new bunny.Quality({ quantizer, bitrate: fallbackBitrate }),
      hardwareAcceleration: 'prefer-software',
      // The encoder forgets which colours it was given, and players would guess.
      onEncodedPacket: (_: unknown, meta?: { decoderConfig?: { colorSpace?: unknown } }) => {
        if (meta?.decoderConfig) meta.decoderConfig.colorSpace = colorSpace;
      },
    });
    let output: MediaOutput | undefined;
    let index = 0;
    try {
      for await (const frame of frames) {
        if (frame.width % 2 || frame.height % 2) throw oddSize(name, frame);
        if (!output) {
          output = new bunny.Output({
            format: new bunny[container](),
            target: new bunny.FilePathTarget(path),
          });
          output.addVideoTrack(source, { frameRate: fps });
          await output.start().catch(rethrow(target));
        }
        const sample = new bunny.VideoSample(rgbToI420(frame, bt709), {
          format: 'I420',
          codedWidth: frame.width,
          codedHeight: frame.height,
          timestamp: index++ / fps,
          duration: 1 / fps,
          colorSpace,
        });
        await source
          .add(sample)
          .finally(() => sample.close())
          .catch(rethrow(target));
      }
      await output?.finalize().catch(rethrow(target));
    } catch (error) {
      await output?.cancel().catch(() => {});
      throw error;
    }
  };
}

/** Gives an error of the encoder its type; those of the system are told apart by the caller. */
function rethrow({ name }: SinkTarget): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && 'syscall' in error) throw error;
    throw new FaceanimError('media', `${name} could not be written: ${reason(error)}`, {
      file: name,
      cause: error,
      hint: 'Install ffmpeg, or write .webp or a folder of PNG frames.',
    });
  };
}

function oddSize(name: string, { width, height }: RgbImage): FaceanimError {
  return new FaceanimError('media', `${name} needs frames of even size, not ${width}x${height}.`, {
    file: name,
    hint: 'Scale the frames, or write .webp or a folder of PNG frames.',
  });
}

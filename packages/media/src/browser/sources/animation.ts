import type { RgbImage } from '@faceanim/core';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import { frameClock } from '../../frame-times';
import type { VideoFrame, VideoInfo } from '../../video';
import { framesWithoutClock, indices, type VideoSource } from '../../video-source';
import { pixelReader } from '../canvas';
import type { NamedBlob } from '../named-blob';
import { decodeImage } from '../read-image';
import { needWebCodecs } from '../web-codecs';

/** An animated WebP, GIF or PNG by the browser's `ImageDecoder`. */
export async function openAnimation(
  file: NamedBlob,
  type: string,
  signal?: AbortSignal,
): Promise<VideoSource> {
  needWebCodecs('ImageDecoder', file.name);
  const data = await file.blob.arrayBuffer();
  const open = () => new ImageDecoder({ data, type });
  const { times, end, width, height } = await probe(open(), file.name, signal);
  if (times.length === 1) return openStill(file);

  const { fps, ticks } = frameClock(times, times.length / end, end);
  const info: VideoInfo = {
    width,
    height,
    fps,
    frames: ticks?.length ?? times.length,
    variableRate: ticks !== undefined,
    ...(ticks && { times }),
    sound: false,
    kind: 'animation',
  };
  return {
    info,
    ticks,
    async *frames(range): AsyncGenerator<VideoFrame> {
      const read = pixelReader(info, file.name);
      const decoder = open();
      try {
        for (const index of indices(range, times.length)) {
          const picture = await decode(decoder, index, file.name);
          yield { index, time: times[index]!, image: drawn(picture, read) };
        }
      } finally {
        decoder.close();
      }
    },
  };
}

function drawn(picture: globalThis.VideoFrame, read: ReturnType<typeof pixelReader>): RgbImage {
  try {
    return read((context) => context.drawImage(picture, 0, 0));
  } finally {
    picture.close();
  }
}

/** A still picture as a source of one frame. */
export async function openStill(file: NamedBlob): Promise<VideoSource> {
  const image = await decodeImage(file);
  const { width, height } = image;
  return {
    info: {
      width,
      height,
      fps: framesWithoutClock,
      frames: 1,
      variableRate: false,
      sound: false,
      kind: 'animation',
    },
    async *frames(range) {
      for (const index of indices(range, 1)) yield { index, time: 0, image };
    },
  };
}

/** Decodes all frames, since only a decoded one has a duration. One without is shown for 100 ms. */
async function probe(decoder: ImageDecoder, name: string, signal: AbortSignal | undefined) {
  try {
    await Promise.all([decoder.tracks.ready, decoder.completed]).catch((error) => {
      throw damaged(name, error);
    });
    const count = decoder.tracks.selectedTrack!.frameCount;
    const times: number[] = [];
    let [end, width, height] = [0, 0, 0];
    for (let index = 0; index < count; index++) {
      throwIfAborted(signal);
      const picture = await decode(decoder, index, name);
      [width, height] = [picture.displayWidth, picture.displayHeight];
      times.push(end);
      end += (picture.duration || 100_000) / 1e6;
      picture.close();
    }
    return { times, end, width, height };
  } finally {
    decoder.close();
  }
}

async function decode(decoder: ImageDecoder, frameIndex: number, name: string) {
  try {
    return (await decoder.decode({ frameIndex })).image;
  } catch (error) {
    throw damaged(name, error, frameIndex);
  }
}

function damaged(name: string, cause: unknown, frame?: number): FaceanimError {
  const where = frame === undefined ? '' : ` from frame ${frame} on`;
  return new FaceanimError('media', `${name} is damaged${where}.`, {
    file: name,
    frame,
    cause,
    hint: 'Pass a whole animated WebP, GIF or PNG, or a video file.',
  });
}

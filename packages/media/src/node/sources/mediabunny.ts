import { type RgbImage, resizeImage } from '@faceanim/core';
import { FaceanimError } from '@faceanim/tensor';
import sharp from 'sharp';
import { type FrameClock, frameClock } from '../frame-times';
import type { ColorSpace, Mediabunny, MediaInput, VideoSample } from '../mediabunny';
import { reason } from '../read-image';
import type { VideoFrame, VideoInfo, VideoSource } from '../video-source';
import { bt601, bt709, i420ToRgb } from '../yuv';

/** A video file through `mediabunny` and `@mediabunny/server`. */
export async function openWithMediabunny(bunny: Mediabunny, path: string): Promise<VideoSource> {
  const open = () => new bunny.Input({ source: new bunny.FilePathSource(path), formats: bunny.ALL_FORMATS });
  const { info, ticks, times, sound } = await probe(bunny, open(), path);
  return {
    info,
    ticks,
    async *frames({ start, every, limit }, { onWarning }): AsyncGenerator<VideoFrame> {
      const input = open();
      let index = 0;
      let count = 0;
      let resized = false;
      try {
        const track = await input.getPrimaryVideoTrack();
        const colors = await track!.getColorSpace();
        if (sound) onWarning?.(`${path}: its sound is left out.`);
        if (colors.transfer === 'pq' || colors.transfer === 'hlg') {
          onWarning?.(
            `${path} is HDR and will look washed out: install ffmpeg, or convert the video to SDR.`,
          );
        }
        const sink = new bunny.VideoSampleSink(track!, { hardwareAcceleration: 'prefer-software' });
        for await (const sample of sink.samples()) {
          const wanted = index >= start && (index - start) % every === 0;
          const image = wanted ? await toRgb(sample, colors).finally(() => sample.close()) : sample.close();
          if (image) {
            const sameSize = image.width === info.width && image.height === info.height;
            if (!sameSize && !resized) {
              resized = true;
              onWarning?.(`${path} changes its size in between: all frames are scaled to that of the first.`);
            }
            yield { index, time: times[index]!, image: sameSize ? image : resizeImage(image, info) };
            if (++count === limit) return;
          }
          index++;
        }
        if (index < times.length - 1) throw new Error('the file is cut off');
      } catch (error) {
        throw damaged(path, error, index);
      } finally {
        input.dispose();
      }
    },
  };
}

interface Probe extends FrameClock {
  readonly info: VideoInfo;
  readonly times: readonly number[];
  readonly sound: boolean;
}

async function probe(bunny: Mediabunny, input: MediaInput, path: string): Promise<Probe> {
  try {
    const track = await input.getPrimaryVideoTrack();
    if (!track) throw new Error('it has no video track');
    const [width, height] = [await track.getDisplayWidth(), await track.getDisplayHeight()];
    const starts: number[] = [];
    const packets = new bunny.EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true });
    for await (const { timestamp } of packets) starts.push(timestamp);
    starts.sort((a, b) => a - b);
    const times = starts.map((time) => time - starts[0]!);
    const clock = frameClock(times, 0);
    const frames = clock.ticks?.length ?? times.length;
    const variableRate = clock.ticks !== undefined;
    return {
      ...clock,
      info: { width, height, fps: clock.fps, frames, variableRate, kind: 'video' },
      times,
      sound: (await input.getPrimaryAudioTrack()) !== null,
    };
  } catch (error) {
    throw damaged(path, error);
  } finally {
    input.dispose();
  }
}

/** A frame as it is shown: upright and with square pixels. */
async function toRgb(sample: VideoSample, colors: ColorSpace): Promise<RgbImage> {
  const image = await pixels(sample, colors);
  const { rotation, squarePixelWidth: width, squarePixelHeight: height } = sample;
  if (rotation === 0 && width === image.width && height === image.height) return image;
  const { data, info } = await sharp(image.data, {
    raw: { width: image.width, height: image.height, channels: 3 },
  })
    .resize(width, height, { fit: 'fill' })
    .rotate(rotation)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

async function pixels(sample: VideoSample, colors: ColorSpace): Promise<RgbImage> {
  const { width, height } = sample.visibleRect;
  if (sample.format === 'I420') {
    // The conversion of the package takes BT.601 for everything (3 of 255 off on BT.709), so this is done here.
    const data = new Uint8Array(sample.allocationSize());
    const planes = await sample.copyTo(data);
    // What the stream leaves open the container may say.
    const matrix = sample.colorSpace.matrix ?? colors.matrix;
    const fullRange = sample.colorSpace.fullRange ?? colors.fullRange;
    const hd = matrix === 'bt709' || (!matrix && height >= 720);
    return i420ToRgb(data, planes, width, height, { ...(hd ? bt709 : bt601), fullRange: fullRange === true });
  }
  const rgbx = new Uint8Array(sample.allocationSize({ format: 'RGBX' }));
  await sample.copyTo(rgbx, { format: 'RGBX' });
  const data = new Uint8Array(width * height * 3);
  for (let i = 0, p = 0; i < rgbx.length; i += 4) {
    data[p++] = rgbx[i]!;
    data[p++] = rgbx[i + 1]!;
    data[p++] = rgbx[i + 2]!;
  }
  return { width, height, data };
}

function damaged(path: string, error: unknown, frame?: number): FaceanimError {
  const where = frame === undefined ? 'is no readable video' : `breaks at frame ${frame}`;
  return new FaceanimError('media', `${path} ${where}: ${reason(error)}`, {
    file: path,
    frame,
    cause: error,
    hint: 'The file is cut off or damaged, or no video: fetch it again, or use the frames before with limit.',
  });
}

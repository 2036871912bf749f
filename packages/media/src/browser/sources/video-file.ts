import type { RgbImage } from '@faceanim/core';
import { FaceanimError, messageOf } from '@faceanim/tensor/errors';
import { BlobSource, Input, VideoSampleSink } from 'mediabunny';
import { frameClock } from '../../frame-times';
import type { VideoFrame, VideoInfo } from '../../video';
import type { VideoSource } from '../../video-source';
import { pixelReader } from '../canvas';
import type { NamedBlob } from '../named-blob';
import { needWebCodecs } from '../web-codecs';
import { readableFormats } from './formats';
import { frameStarts } from './frame-starts';

/** A video file, demuxed by mediabunny and decoded by WebCodecs. Import this lazily, since mediabunny is large. */
export async function openVideoFile({ blob, name }: NamedBlob, signal?: AbortSignal): Promise<VideoSource> {
  needWebCodecs('VideoDecoder', name);
  const open = () => new Input({ source: new BlobSource(blob), formats: readableFormats });
  const { info, ticks, starts, warnings } = await probe(open(), name, signal);
  const [first = 0] = starts;
  return {
    info,
    ticks,
    async *frames({ start, every, limit }, { onWarning }): AsyncGenerator<VideoFrame> {
      for (const warning of warnings) onWarning?.(warning);
      if (start >= starts.length) return;
      const { width, height } = info;
      const read = pixelReader(info, name);
      const input = open();
      let index = start;
      let count = 0;
      let resized = false;
      try {
        const track = await input.getPrimaryVideoTrack();
        for await (const sample of new VideoSampleSink(track!).samples(starts[start])) {
          let image: RgbImage | undefined;
          try {
            const sameSize = sample.displayWidth === width && sample.displayHeight === height;
            if (!sameSize && !resized) {
              resized = true;
              onWarning?.(`${name} changes its size in between: all frames are scaled to that of the first.`);
            }
            const wanted = (index - start) % every === 0;
            if (wanted) image = read((context) => sample.draw(context, 0, 0, width, height));
          } finally {
            sample.close();
          }
          if (image) {
            yield { index, time: starts[index]! - first, image };
            if (++count === limit) return;
          }
          index++;
        }
      } catch (error) {
        throw FaceanimError.isInstance(error) ? error : damaged(name, error, index);
      } finally {
        input.dispose();
      }
      // The last frame may be one that is never shown.
      if (index < starts.length - 1) throw damaged(name, 'the file is cut off', index);
    },
  };
}

interface Probe {
  readonly info: VideoInfo;
  readonly ticks?: readonly number[] | undefined;
  /** When frames start, in seconds of the file's clock, in order. */
  readonly starts: readonly number[];
  readonly warnings: readonly string[];
}

async function probe(input: Input, name: string, signal: AbortSignal | undefined): Promise<Probe> {
  try {
    const track = await input.getPrimaryVideoTrack();
    if (!track) throw damaged(name, 'it has no video');
    if (!(await track.canDecode())) throw unknownCodec(name, await track.getCodec());
    const { starts, told } = await frameStarts(track, signal);
    const times = starts.map((time) => time - starts[0]!);
    const { fps, ticks } = frameClock(times, told);
    const info: VideoInfo = {
      width: await track.getDisplayWidth(),
      height: await track.getDisplayHeight(),
      fps,
      frames: ticks?.length ?? starts.length,
      variableRate: ticks !== undefined,
      ...(ticks && { times }),
      sound: Boolean(await input.getPrimaryAudioTrack()),
      kind: 'video',
    };
    const warnings = [];
    if (isHdr((await track.getColorSpace()).transfer)) {
      warnings.push(
        `${name} is HDR: the browser maps its colours to sRGB and may darken them. Convert the video to SDR to keep them.`,
      );
    }
    return { info, ticks, starts, warnings };
  } catch (error) {
    throw FaceanimError.isInstance(error) ? error : damaged(name, error);
  } finally {
    input.dispose();
  }
}

/** The transfer functions PQ and HLG, which TypeScript does not list. */
function isHdr(transfer: string | null | undefined): boolean {
  return transfer === 'pq' || transfer === 'hlg';
}

function unknownCodec(name: string, codec: string | null): FaceanimError {
  const which = codec === null ? '' : `: ${codec}`;
  return new FaceanimError('media', `${name} is in a codec that this browser does not decode${which}.`, {
    file: name,
    hint: 'Convert it to H.264 or VP9.',
  });
}

function damaged(name: string, cause: unknown, frame?: number): FaceanimError {
  const where = frame === undefined ? 'is no readable video' : `ends or breaks at frame ${frame}`;
  const reason = messageOf(cause);
  return new FaceanimError('media', `${name} ${where}: ${reason.replace(/\.$/, '')}.`, {
    file: name,
    frame,
    cause,
    hint:
      frame === undefined
        ? 'Browsers read MP4, MOV, WebM and Matroska. If it is one of these, it is cut off or damaged.'
        : 'The file is cut off or damaged: fetch it again, or read only the frames before.',
  });
}

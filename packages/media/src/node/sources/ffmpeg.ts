import { throwIfAborted } from '@faceanim/tensor/errors';
import type { VideoFrame, VideoInfo } from '../../video';
import type { FrameRange, ReadHooks, VideoSource } from '../../video-source';
import { ffmpegHas, inputLimits, passthrough, startTool } from '../ffmpeg';
import { type FileOnDisk, type MediaFile, onDisk } from '../media-file';
import { damaged, probeStream, type Stream } from './probe-stream';

/** A video file by the `ffmpeg` command. */
export async function openWithFfmpeg(file: MediaFile, signal?: AbortSignal): Promise<VideoSource> {
  const [stream, sync] = await Promise.all([probe(file, signal), passthrough()]);
  const { width, height, turned, clock, frames } = stream;
  const { fps, ticks } = clock;
  const info: VideoInfo = {
    width: turned ? height : width,
    height: turned ? width : height,
    fps,
    frames: ticks?.length ?? frames,
    variableRate: ticks !== undefined,
    ...(ticks && { times: stream.times! }),
    sound: stream.sound,
    kind: 'video',
  };
  return {
    info,
    ticks,
    async *frames(range, hooks) {
      const there = await onDisk(file, hooks.signal);
      try {
        yield* decode(there, stream, info, sync, range, hooks);
      } finally {
        await there.release();
      }
    },
  };
}

async function probe(file: MediaFile, signal: AbortSignal | undefined): Promise<Stream> {
  const there = await onDisk(file, signal);
  try {
    return await probeStream(there, signal);
  } finally {
    await there.release();
  }
}

async function* decode(
  file: FileOnDisk,
  stream: Stream,
  { width, height }: VideoInfo,
  sync: readonly string[],
  range: FrameRange,
  { signal, onWarning }: ReadHooks,
): AsyncGenerator<VideoFrame> {
  const { name } = file;
  const { start, every, limit } = range;
  const { frames, times, clock } = stream;
  const toneMapping = stream.hdr && (await ffmpegHas('filters', ['zscale', 'tonemap']));
  if (toneMapping === true) onWarning?.(`${name} is HDR: its colours are mapped to those of BT.709.`);
  if (toneMapping === false) {
    onWarning?.(
      `${name} is HDR and will look washed out: this ffmpeg has no zscale filter to map its colours. Install one with it, or convert the video to SDR.`,
    );
  }
  const wanted = Math.min(limit, frames === undefined ? limit : Math.ceil((frames - start) / every));
  const args = decodeArguments(file.path, stream, sync, range, toneMapping === true);
  const onLine = (line: string) => {
    if (sizeChange.test(line)) {
      onWarning?.(`${name} changes its size in between: all frames are scaled to that of the first.`);
    }
  };
  const { child, ended } = startTool('ffmpeg', args, { signal, onLine });
  child.stdin.end();
  let count = 0;
  try {
    for await (const data of chunksOf(child.stdout, width * height * 3)) {
      const index = start + count * every;
      yield { index, time: times?.[index] ?? index / clock.fps, image: { width, height, data } };
      count++;
    }
    const { code, stderr } = await ended;
    throwIfAborted(signal, { frame: start + count * every });
    const errors = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('[warning]'));
    // The decoder conceals small faults. A clip that ends early must be reported.
    const endsEarly = errors.length > 0 && Number.isFinite(wanted) && count < wanted - 1;
    if (code !== 0 || endsEarly) {
      throw damaged(file, errors.join('\n').replaceAll(/^\[\w+\] /gm, ''), start + count * every);
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** Cuts a stream into pieces of `size` bytes, each in memory of its own; what is left at the end is dropped. */
async function* chunksOf(stream: AsyncIterable<Buffer>, size: number): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of stream) {
    for (let taken = 0; taken < chunk.length; ) {
      const part = chunk.subarray(taken, taken + size - filled);
      piece.set(part, filled);
      taken += part.length;
      filled += part.length;
      if (filled < size) continue;
      yield piece;
      piece = new Uint8Array(size);
      filled = 0;
    }
  }
}

/** Pixels to which frames may grow in mid-stream, those of an 8K screen: the decoder holds many, and the header tells the first size. */
const mostPixels = 2 ** 25;

/** What ffmpeg says when the size or the pixel format changes. */
const sizeChange = /Changing video frame properties on the fly/;

/** The arguments by which ffmpeg writes the wanted frames to stdout as RGB, upright and with square pixels. */
function decodeArguments(
  path: string,
  stream: Stream,
  sync: readonly string[],
  range: FrameRange,
  toneMapping: boolean,
): string[] {
  const { start, every, limit } = range;
  const { width, height } = stream;
  // If the stream names no matrix, players take BT.709 for high definition; ffmpeg takes BT.601 for everything.
  const matrix = stream.matrix ?? (height >= 720 ? 'bt709' : 'bt601');
  const scale = `scale=${width}:${height}`;
  const convert = 'flags=bicubic+accurate_rnd+full_chroma_int';
  const colours = toneMapping
    ? [`${scale}:${convert}`, ...toSdr(stream)]
    : [`${scale}:in_color_matrix=${matrix}:${convert}`];
  const filters = [
    `select='gte(n,${start})*not(mod(n-${start},${every}))'`,
    // Makes times grow, which those of damaged files may not do.
    'setpts=N',
    ...colours,
    'format=rgb24',
    ...stream.upright,
  ];
  // A change of size must not restart the filters, which would count frames from 0 again. Those before `scale` take any size.
  const pixels = ['-max_pixels', String(Math.max(width * height, mostPixels))];
  const input = ['-noautorotate', '-reinit_filter', '0', ...pixels, ...inputLimits, '-i', `file:${path}`];
  const count = Number.isFinite(limit) ? ['-frames:v', String(limit)] : [];
  return [
    ...['-v', 'level+warning', '-nostdin', ...input, '-map', '0:v:0', '-vf', filters.join(',')],
    ...[...sync, ...count, '-f', 'rawvideo', '-'],
  ];
}

/**
 * HDR (BT.2100) to BT.709. Diffuse white is 203 cd/m² (ITU-R BT.2408), and what is brighter is rolled off. Of the tone
 * mapping operators, mobius leaves skin and shadows as they are: an SDR portrait converted to HDR comes back within 3 of
 * 255 in HLG and 4 in PQ. Without tone mapping it is 15 and 19 off.
 */
function toSdr({ hdr }: Stream): string[] {
  return [
    'format=yuv444p10le',
    `zscale=tin=${hdr}:pin=bt2020:min=bt2020nc:t=linear:npl=203`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=mobius:desat=0',
    'zscale=t=bt709:m=gbr:r=full',
    'format=gbrp',
  ];
}

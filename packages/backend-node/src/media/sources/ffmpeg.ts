import { FaceanimError, throwIfAborted } from '@faceanim/core';
import { lastLine, startTool } from '../ffmpeg';
import { parsePpm } from '../ppm';
import type { FrameRange, VideoFrame, VideoInfo, VideoSource } from '../video-source';

/** A video stream as ffprobe tells it. */
interface Probe {
  info: VideoInfo;
  /** Frames per second as a fraction, `30000/1001`. */
  rate: string;
  /** Whether frames come at irregular times. */
  variableRate: boolean;
  /** The matrix that the stream names, `bt709`, or undefined where it names none. */
  matrix: string | undefined;
}

/** A video file through the `ffmpeg` command. */
export async function openWithFfmpeg(path: string): Promise<VideoSource> {
  const probe = await probeStream(path);
  return { info: probe.info, frames: (range, signal) => decode(path, probe, range, signal) };
}

async function* decode(
  path: string,
  probe: Probe,
  range: FrameRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<VideoFrame> {
  const { start, every, limit } = range;
  const { fps, frames } = probe.info;
  const wanted = Math.min(limit, frames === undefined ? limit : Math.ceil((frames - start) / every));
  const { child, ended } = startTool('ffmpeg', decodeArguments(path, probe, range), signal);
  child.stdin.end();
  let count = 0;
  try {
    for await (const image of parsePpm(child.stdout)) {
      const index = start + count * every;
      yield { index, time: index / fps, image };
      count++;
    }
    const { code, stderr } = await ended;
    throwIfAborted(signal, { frame: start + count * every });
    // Small faults are concealed by the decoder; what must not pass unseen is a clip that ends early.
    const endsEarly = stderr !== '' && Number.isFinite(wanted) && count < wanted - 1;
    if (code !== 0 || endsEarly) throw damaged(path, stderr, start + count * every);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** The arguments that make ffmpeg write the wanted frames as RGB, upright, with square pixels, to its stdout. */
function decodeArguments(path: string, probe: Probe, range: FrameRange): string[] {
  const { start, every, limit } = range;
  // Where a stream names no matrix players take BT.709 for high definition, ffmpeg takes BT.601 for everything.
  const matrix = probe.matrix ?? (probe.info.height >= 720 ? 'bt709' : 'bt601');
  const filters = [
    ...(probe.variableRate ? [`fps=${probe.rate}`] : []),
    `select='gte(n,${start})*not(mod(n-${start},${every}))'`,
    // New times without gaps, or ffmpeg fills them with copies of frames.
    `setpts=N/(${probe.rate}*TB)`,
    `scale=iw*sar:ih:in_color_matrix=${matrix}:flags=bicubic+accurate_rnd+full_chroma_int`,
    'format=rgb24',
  ];
  const input = ['-v', 'error', '-nostdin', '-i', `file:${path}`, '-map', '0:v:0'];
  const count = Number.isFinite(limit) ? ['-frames:v', String(limit)] : [];
  return [
    ...input,
    '-vf',
    filters.join(','),
    '-r',
    probe.rate,
    ...count,
    '-f',
    'image2pipe',
    '-c:v',
    'ppm',
    '-',
  ];
}

async function probeStream(path: string): Promise<Probe> {
  const entries =
    'stream=width,height,r_frame_rate,avg_frame_rate,nb_frames,sample_aspect_ratio,color_space:stream_side_data=rotation:format=duration';
  const args = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-show_entries',
    entries,
    '-of',
    'json',
    `file:${path}`,
  ];
  const { child, ended } = startTool('ffprobe', args);
  child.stdin.end();
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const { code, stderr } = await ended;
  if (code !== 0) throw damaged(path, stderr);
  const { streams, format } = JSON.parse(Buffer.concat(chunks).toString()) as FfprobeOutput;
  const stream = streams?.[0];
  if (!stream) throw damaged(path, 'it has no video stream');

  const rate = [stream.avg_frame_rate, stream.r_frame_rate].find((text) => ratio(text) > 0) ?? '25/1';
  const fps = ratio(rate);
  const seconds = Number(format?.duration);
  const counted = Number(stream.nb_frames);
  const frames = counted > 0 ? counted : seconds > 0 ? Math.round(seconds * fps) : undefined;
  const wide = Math.trunc(stream.width * (ratio(stream.sample_aspect_ratio?.replace(':', '/')) || 1));
  const turned = (stream.side_data_list ?? []).some(({ rotation }) => Math.abs(rotation ?? 0) % 180 === 90);
  const [width, height] = turned ? [stream.height, wide] : [wide, stream.height];
  const matrix = stream.color_space === 'unknown' ? undefined : stream.color_space;
  return {
    info: { width, height, fps, frames, kind: 'video' },
    rate,
    variableRate: ratio(stream.r_frame_rate) !== fps,
    matrix: matrix && matrices[matrix],
  };
}

/** Names of matrices in ffprobe and in the scale filter; others are left to the rule for unnamed ones. */
const matrices: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  smpte170m: 'smpte170m',
  bt470bg: 'bt470',
  fcc: 'fcc',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};

interface FfprobeOutput {
  streams?: {
    width: number;
    height: number;
    r_frame_rate: string;
    avg_frame_rate: string;
    nb_frames?: string;
    sample_aspect_ratio?: string;
    color_space?: string;
    side_data_list?: { rotation?: number }[];
  }[];
  format?: { duration?: string };
}

function ratio(text: string | undefined): number {
  const [numerator, denominator] = (text ?? '').split('/').map(Number);
  return numerator && denominator ? numerator / denominator : 0;
}

function damaged(path: string, stderr: string, frame?: number): FaceanimError {
  const where = frame === undefined ? 'is no readable video' : `ends or breaks at frame ${frame}`;
  return new FaceanimError('media', `${path} ${where}: ${lastLine(stderr)}.`, {
    file: path,
    frame,
    hint: 'The file is cut off or damaged, or no video: fetch it again, or use the frames before with limit.',
  });
}

import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import { type FrameClock, frameClock } from '../../frame-times';
import { inputLimits, lastLine, outputOf } from '../ffmpeg';
import type { FileOnDisk } from '../media-file';

/** A video stream as ffprobe describes it. */
export interface Stream {
  /** Width in pixels, stretched to square ones but not yet turned upright. */
  readonly width: number;
  readonly height: number;
  /** Filters that turn and mirror it by its display matrix. */
  readonly upright: readonly string[];
  /** Whether they swap width and height. */
  readonly turned: boolean;
  /** When its frames start, in seconds from the first, if the file says. */
  readonly times: readonly number[] | undefined;
  readonly clock: FrameClock;
  /** Number of frames, if the file says. */
  readonly frames: number | undefined;
  /** The colour matrix that the stream names, as the scale filter calls it. */
  readonly matrix: string | undefined;
  /** The transfer function of an HDR stream, PQ or HLG. */
  readonly hdr: 'smpte2084' | 'arib-std-b67' | undefined;
  /** Whether the file has sound. */
  readonly sound: boolean;
}

/**
 * Asks ffprobe about the first video stream of a file. It reads packets and decodes nothing.
 *
 * @throws FaceanimError `media`; `aborted`, when ffprobe has ended
 */
export async function probeStream(file: FileOnDisk, signal?: AbortSignal): Promise<Stream> {
  const entries = [
    'stream=codec_type,width,height,r_frame_rate,avg_frame_rate,nb_frames,sample_aspect_ratio,color_space,color_transfer',
    'stream_side_data=displaymatrix',
    'format=duration',
  ];
  const ask = (...args: string[]) =>
    outputOf('ffprobe', ['-v', 'error', ...inputLimits, '-of', 'json', ...args, `file:${file.path}`], signal);
  const [{ code, stdout, stderr }, packets] = await Promise.all([
    ask('-show_entries', entries.join(':')),
    ask('-select_streams', 'v:0', '-show_entries', 'packet=pts_time,flags'),
  ]);
  throwIfAborted(signal);
  if (code !== 0) throw damaged(file, stderr);
  const { streams = [], format } = JSON.parse(stdout) as FfprobeOutput;
  const stream = streams.find(({ codec_type }) => codec_type === 'video');
  if (!stream) throw damaged(file, 'it has no video stream');

  const { times, hidden } = packetTimes(packets.stdout);
  const told = [stream.avg_frame_rate, stream.r_frame_rate].map(ratio).find((rate) => rate > 0) ?? 0;
  const clock = times ? clockOf(file, times, told) : { fps: told > 0 ? told : 25 };
  const seconds = Number(format?.duration);
  // The file's own count comes first: a cut-off file has fewer packets.
  const counted = Number(stream.nb_frames) - hidden || times?.length || 0;
  const matrix = displayMatrix(stream);
  const turned = matrix !== undefined && matrix[0] === 0;
  return {
    width: Math.max(1, Math.trunc(stream.width * (ratio(stream.sample_aspect_ratio) || 1))),
    height: stream.height,
    upright: matrix ? uprightFilters(matrix) : [],
    turned,
    times,
    clock,
    frames: counted > 0 ? counted : seconds > 0 ? Math.round(seconds * clock.fps) : undefined,
    matrix: matrices[stream.color_space ?? ''],
    hdr: hdrTransfers.find((name) => name === stream.color_transfer),
    sound: streams.some(({ codec_type }) => codec_type === 'audio'),
  };
}

/**
 * When frames start, in order and from 0, if the container says so for all of them; and how many are decoded only because
 * others need them, and never shown.
 */
function packetTimes(stdout: string): { times: number[] | undefined; hidden: number } {
  // Decoding will report a cut-off or damaged file.
  const { packets = [] } = JSON.parse(stdout || '{}') as FfprobeOutput;
  const shown = packets.filter(({ flags }) => !flags?.includes('D'));
  const hidden = packets.length - shown.length;
  const times = shown.map(({ pts_time }) => Number(pts_time ?? Number.NaN)).sort((a, b) => a - b);
  if (times.length === 0 || !times.every(Number.isFinite)) return { times: undefined, hidden };
  return { times: times.map((time) => time - times[0]!), hidden };
}

function clockOf({ name }: FileOnDisk, times: readonly number[], told: number): FrameClock {
  try {
    return frameClock(times, told);
  } catch (error) {
    if (!FaceanimError.isInstance(error, 'media')) throw error;
    throw new FaceanimError('media', `${name}: ${error.message}`, {
      file: name,
      hint: error.hint,
      cause: error,
    });
  }
}

const hdrTransfers = ['smpte2084', 'arib-std-b67'] as const;

/** Colour matrices: ffprobe's names to those of the scale filter. Others are treated as unnamed. */
const matrices: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  smpte170m: 'smpte170m',
  bt470bg: 'bt470',
  fcc: 'fcc',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};

/** The signs a, b, c, d of `x' = a x + c y`, `y' = b x + d y`, by which a picture is turned and mirrored. */
function displayMatrix({ side_data_list = [] }: FfprobeStream): number[] | undefined {
  const text = side_data_list.find(({ displaymatrix }) => displaymatrix)?.displaymatrix;
  const rows = text?.trim().split('\n') ?? [];
  const values = rows.slice(0, 2).flatMap((row) => row.split(':')[1]!.trim().split(/\s+/).slice(0, 2));
  return values.length === 4 ? values.map((value) => Math.sign(Number(value))) : undefined;
}

function uprightFilters([a, b, c, d]: readonly number[]): string[] {
  // Swaps x and y; mirroring does the signs.
  if (a === 0) return ['transpose=cclock_flip', ...(c! < 0 ? ['hflip'] : []), ...(b! < 0 ? ['vflip'] : [])];
  return [...(a! < 0 ? ['hflip'] : []), ...(d! < 0 ? ['vflip'] : [])];
}

interface FfprobeStream {
  codec_type?: string;
  width: number;
  height: number;
  r_frame_rate?: string;
  avg_frame_rate?: string;
  nb_frames?: string;
  sample_aspect_ratio?: string;
  color_space?: string;
  color_transfer?: string;
  side_data_list?: { displaymatrix?: string }[];
}

interface FfprobeOutput {
  streams?: FfprobeStream[];
  packets?: { pts_time?: string; flags?: string }[];
  format?: { duration?: string };
}

/** `30000/1001` or `4:3` as a number; 0 for anything else. */
function ratio(text: string | undefined): number {
  const [numerator, denominator] = (text ?? '').split(/[/:]/).map(Number);
  return numerator && denominator ? numerator / denominator : 0;
}

/** The error for a file that ffmpeg cannot read, or can read only up to a frame. */
export function damaged({ path, name }: FileOnDisk, stderr: string, frame?: number): FaceanimError {
  if (/not on whitelist/.test(stderr)) {
    return new FaceanimError('media', `${name} is not a kind of video file that is read.`, {
      file: name,
      hint: 'Playlists and scripts are refused because they name other files: pass the video itself, as .mp4, .mov, .mkv or .webm.',
    });
  }
  // The name of a temporary file says nothing.
  const reason = lastLine(stderr).replaceAll(path, name);
  const where = frame === undefined ? 'is no readable video' : `ends or breaks at frame ${frame}`;
  return new FaceanimError('media', `${name} ${where}: ${reason}.`, {
    file: name,
    frame,
    hint:
      frame === undefined
        ? 'It is cut off or damaged, or no video: fetch it again, or pass another.'
        : 'The file is cut off or damaged: fetch it again, or read only the frames before.',
  });
}

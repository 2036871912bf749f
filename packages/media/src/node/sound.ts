import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import { renamedOption } from '@faceanim/tensor/options';
import { kindOf, refuseKind } from '../file-kind';
import type { AudioOptions } from '../video-output';
import { inputLimits, lastLine, outputOf } from './ffmpeg';
import { type FileOnDisk, headOf, type MediaFile, mediaFile, onDisk } from './media-file';

/** The first sound track of a file. */
export interface Sound {
  readonly file: MediaFile;
  readonly codec: string;
  readonly channels: number;
  /** Where the frames begin in the file, in seconds: sound may start before the first frame. */
  readonly origin: number;
  /** The moment at which the video starts, in seconds after that. */
  readonly start: number;
}

/**
 * Finds the sound of a file; undefined if it has none.
 *
 * @throws FaceanimError `invalid-option`, `io` or `media` naming the file; `aborted`
 */
export async function openSound(
  { source, start = 0 }: AudioOptions,
  signal: AbortSignal | undefined,
): Promise<Sound | undefined> {
  const file = fileOf(source);
  refuseKind(kindOf(await headOf(file)), file.name);
  const there = await onDisk(file, signal);
  try {
    const found = await probe(there, signal);
    return found && { file, start, ...found };
  } finally {
    await there.release();
  }
}

function fileOf(source: AudioOptions['source']): MediaFile {
  try {
    return mediaFile(source);
  } catch (error) {
    throw renamedOption(error, 'source', 'audio.source');
  }
}

/** More packets than any decoder puts into another order: the first frame is among them. */
const firstPackets = '%+#500';

async function probe(
  { path, name }: FileOnDisk,
  signal: AbortSignal | undefined,
): Promise<Pick<Sound, 'codec' | 'channels' | 'origin'> | undefined> {
  const ask = (...args: string[]) =>
    outputOf('ffprobe', ['-v', 'error', ...inputLimits, '-of', 'json', ...args, `file:${path}`], signal);
  const [about, frames] = await Promise.all([
    ask('-select_streams', 'a:0', '-show_entries', 'stream=codec_name,channels:format=start_time'),
    ask('-select_streams', 'v:0', '-read_intervals', firstPackets, '-show_entries', 'packet=pts_time,flags'),
  ]);
  throwIfAborted(signal);
  if (about.code !== 0) {
    throw new FaceanimError('media', `The sound of ${name} cannot be read: ${lastLine(about.stderr)}.`, {
      file: name,
      hint: 'Pass another file, or leave out audio.',
    });
  }
  const { streams = [], format } = JSON.parse(about.stdout) as FfprobeOutput;
  const [track] = streams;
  if (!track?.codec_name) return undefined;
  const begin = Number(format?.start_time) || 0;
  const { packets = [] } = JSON.parse(frames.stdout || '{}') as FfprobeOutput;
  const times = packets.filter(({ flags }) => !flags?.includes('D')).map(({ pts_time }) => Number(pts_time));
  const first = Math.min(...times.filter(Number.isFinite));
  const origin = Number.isFinite(first) ? Math.max(0, first - begin) : 0;
  return { codec: track.codec_name, channels: track.channels ?? 2, origin };
}

interface FfprobeOutput {
  streams?: { codec_name?: string; channels?: number }[];
  packets?: { pts_time?: string; flags?: string }[];
  format?: { start_time?: string };
}

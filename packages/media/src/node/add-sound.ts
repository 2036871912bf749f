import { rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import { forgetTemporary, temporaryName } from '../files/temporary-files';
import { inputLimits, lastLine, outputOf } from './ffmpeg';
import { onDisk } from './media-file';
import type { Sound } from './sound';

/** The codecs that players expect in a container, and how to encode any other. */
const containers: Readonly<Record<string, { copied: RegExp; encoder: string }>> = {
  '.mp4': { copied: /^(aac|mp3|alac)$/, encoder: 'aac' },
  '.mov': { copied: /^(aac|mp3|alac|pcm_s16le)$/, encoder: 'aac' },
  '.mkv': { copied: /^(aac|mp3|alac|flac|opus|vorbis|ac3|eac3|pcm_s16le)$/, encoder: 'aac' },
  '.webm': { copied: /^(opus|vorbis)$/, encoder: 'libopus' },
};

/** Bits per second of encoded sound, with which speech and music lose nothing that is heard. */
const bitRate = '192k';

/** Sound may start this much before the frames, one packet of it, and still be copied with its own times. */
const packetSeconds = 0.05;

/** A video file without sound, and what it will be called. */
export interface SilentVideo {
  /** Where it is now; the file with sound replaces it. */
  readonly path: string;
  /** The path that the user gave. */
  readonly name: string;
  readonly seconds: number;
}

/**
 * Adds sound to a finished video file, whose frames are copied.
 *
 * @throws FaceanimError `media` if ffmpeg fails, and then the file stays as it is; `aborted`
 */
export async function addSound(
  { path, name, seconds }: SilentVideo,
  sound: Sound,
  signal: AbortSignal | undefined,
): Promise<void> {
  const source = await onDisk(sound.file, signal);
  const withSound = temporaryName(join(dirname(path), basename(name)));
  try {
    const args = soundArguments(sound, source.path, extname(name).toLowerCase(), seconds);
    const video = ['-i', `file:${path}`];
    const output = [
      '-c:v',
      'copy',
      '-map',
      '0:v:0',
      '-map',
      '1:a:0',
      '-movflags',
      '+faststart',
      `file:${withSound}`,
    ];
    const { code, stderr } = await outputOf(
      'ffmpeg',
      ['-v', 'error', '-nostdin', '-y', ...video, ...args, ...output],
      signal,
    );
    throwIfAborted(signal);
    if (code !== 0) {
      throw new FaceanimError(
        'media',
        `The sound of ${sound.file.name} cannot be used: ${lastLine(stderr)}.`,
        {
          file: sound.file.name,
          hint: 'Pass another file, or leave out audio.',
        },
      );
    }
    await rename(withSound, path);
  } finally {
    forgetTemporary(withSound);
    await rm(withSound, { force: true });
    await source.release();
  }
}

/** The input with the sound, and how it becomes that of the output. */
function soundArguments(
  { codec, channels, origin, start }: Sound,
  path: string,
  extension: string,
  seconds: number,
): string[] {
  const { copied, encoder } = containers[extension]!;
  const input = [...inputLimits, '-i', `file:${path}`];
  // A copy begins and ends with a packet, so it is exact only from the start.
  if (start === 0 && origin < packetSeconds && copied.test(codec)) {
    return ['-itsoffset', String(-origin), '-t', String(seconds), ...input, '-c:a', 'copy'];
  }
  const at = origin + start;
  // Sound that starts later, has gaps or ends early is filled up with silence.
  const filters = ['aresample=async=1:first_pts=0', 'apad', `atrim=end=${seconds}`];
  return [
    ...[...(at > 0 ? ['-ss', String(at)] : []), ...input],
    ...['-af', filters.join(','), '-ac', String(Math.min(2, channels)), '-c:a', encoder, '-b:a', bitRate],
  ];
}

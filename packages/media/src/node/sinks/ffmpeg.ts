import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { RgbImage } from '@faceanim/core';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import { aiComment } from '../../ai-generated';
import { ffmpegHas, lastLine, passthrough, startTool, type Tool } from '../ffmpeg';
import type { SinkTarget, VideoSink } from '../video-sink';
import { matroskaFrame, matroskaHeader, ticksPerSecond } from './raw-matroska';

/** An encoder and its options. */
type Encoding = readonly [encoder: string, ...options: string[]];

const h264: Encoding = ['libx264', '-crf', '16', '-preset', 'medium'];
const vp9: Encoding = [
  'libvpx-vp9',
  ...['-crf', '24', '-b:v', '0', '-row-mt', '1', '-deadline', 'good', '-cpu-used', '4'],
];
const faststart = ['-movflags', '+faststart'];
const encodings: Readonly<Record<string, Encoding>> = {
  '.mp4': [...h264, ...faststart],
  '.mov': [...h264, ...faststart],
  '.mkv': h264,
  '.webm': vp9,
};

function encodingOf(path: string): Encoding {
  return encodings[extname(path).toLowerCase()] ?? h264;
}

/**
 * Checks that the installed ffmpeg has the encoder for a file of this name.
 *
 * @throws FaceanimError `media` naming the encoder
 */
export async function checkFfmpegEncoder(path: string): Promise<void> {
  const [encoder] = encodingOf(path);
  if (await ffmpegHas('encoders', [encoder])) return;
  throw new FaceanimError('media', `${path} needs ${encoder}, which the installed ffmpeg does not have.`, {
    file: path,
    hint: `Install an ffmpeg with ${encoder}, or write .webp or a folder of PNG frames (a name without extension).`,
  });
}

/** ffmpeg exits with code 0 even if the end of a Matroska file did not fit on the disk. */
const writeFailure = /No space left on device|Error (writing|closing)/;

/** A video file by the `ffmpeg` command: 4:2:0, BT.709, limited range. Odd sizes get a black line. */
export const writeWithFfmpeg: VideoSink = async (frames, target) => {
  await touch(target.path);
  const { fps, startOf } = target;
  let tool: Tool | undefined;
  let index = 0;
  try {
    for await (const frame of frames) {
      if (!tool) {
        const input = fps === undefined ? await timedInput() : rawInput(frame, fps);
        tool = startTool('ffmpeg', encodeArguments(input, target), target);
        if (fps === undefined) await send(tool, matroskaHeader(frame));
      }
      // A copy, because the caller may reuse the frame before ffmpeg has read it.
      const bytes =
        fps === undefined
          ? matroskaFrame(frame, startOf(index), startOf(index + 1))
          : Uint8Array.from(frame.data);
      if (!(await send(tool, bytes))) break;
      index++;
    }
    if (!tool) return;
    tool.child.stdin.end();
    const { code, stderr } = await tool.ended;
    throwIfAborted(target.signal);
    if (code !== 0 || writeFailure.test(stderr)) throw failed(target.name, stderr);
  } finally {
    tool?.child.kill('SIGKILL');
    await tool?.ended;
  }
};

/** Makes the file, so that a refusal is reported as the system's error and not in ffmpeg's words. */
async function touch(path: string): Promise<void> {
  await writeFile(path, '', { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Whether ffmpeg took the bytes; false if it has ended. */
function send({ child }: Tool, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => child.stdin.write(bytes, (error) => resolve(!error)));
}

/** Frames at a constant rate, on stdin. */
function rawInput({ width, height }: RgbImage, fps: number): string[] {
  return ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', String(fps), '-i', '-'];
}

/** Frames with their times, on stdin. */
async function timedInput(): Promise<string[]> {
  const input = ['-f', 'matroska', '-i', '-', ...(await passthrough())];
  // The encoder would round times to those of a constant rate. With B-frames, MP4 would be too short by some frames.
  return [...input, '-enc_time_base', `1:${ticksPerSecond}`, '-bf', '0'];
}

function encodeArguments(input: readonly string[], { path, aiGenerated }: SinkTarget): string[] {
  const filters = [
    'pad=ceil(iw/2)*2:ceil(ih/2)*2',
    'scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int',
    'format=yuv420p',
  ];
  const tags = [
    '-colorspace',
    'bt709',
    '-color_primaries',
    'bt709',
    '-color_trc',
    'bt709',
    '-color_range',
    'tv',
  ];
  const encode = ['-c:v', ...encodingOf(path), ...tags];
  const comment = aiGenerated ? ['-metadata', `comment=${aiComment}`] : [];
  return ['-v', 'error', '-y', ...input, '-vf', filters.join(','), ...encode, ...comment, `file:${path}`];
}

function failed(name: string, stderr: string): FaceanimError {
  if (stderr.includes('No space left on device')) {
    return new FaceanimError('io', `No space left to write ${name}.`, {
      file: name,
      hint: 'Free some space or write to another disk.',
    });
  }
  return new FaceanimError('media', `ffmpeg could not write ${name}: ${lastLine(stderr)}.`, {
    file: name,
    hint: 'Check its disk and its ffmpeg, or write .webp or a folder of PNG frames.',
  });
}

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { FaceanimError } from '@faceanim/core';

/** A running `ffmpeg` or `ffprobe`. */
export interface Tool {
  readonly child: ChildProcessWithoutNullStreams;
  /** Settles when it has ended, never rejects: exit code and what it wrote to stderr. */
  readonly ended: Promise<{ code: number; stderr: string }>;
}

/** Starts a command-line tool; it is killed when `signal` fires. */
export function startTool(name: 'ffmpeg' | 'ffprobe', args: readonly string[], signal?: AbortSignal): Tool {
  const child = spawn(name, args, { stdio: 'pipe', signal, killSignal: 'SIGKILL' });
  let stderr = '';
  let failure = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    // A damaged file makes it say the same thing for every packet.
    if (stderr.length < 10_000) stderr += text;
  });
  // An early death shows in `ended`; the broken pipe itself says nothing more.
  child.stdin.on('error', () => {});
  child.on('error', (error) => (failure = error.message));
  const ended = new Promise<{ code: number; stderr: string }>((resolve) => {
    child.on('close', (code) =>
      resolve({ code: code ?? constants.signals.SIGKILL, stderr: stderr || failure }),
    );
  });
  return { child, ended };
}

/** Whether `ffmpeg` and `ffprobe` are on the PATH. */
export async function ffmpegIsInstalled(): Promise<boolean> {
  const codes = await Promise.all(
    (['ffmpeg', 'ffprobe'] as const).map(async (name) => {
      const { child, ended } = startTool(name, ['-version']);
      child.stdout.resume();
      return (await ended).code;
    }),
  );
  return codes.every((code) => code === 0);
}

/** The error for a video file when nothing on this machine can read or write one. */
export function noVideoCodecs(path: string, instead: string): FaceanimError {
  return new FaceanimError('media', `${path} needs ffmpeg or mediabunny, and neither is installed.`, {
    file: path,
    hint: `Install ffmpeg (apt-get install ffmpeg, brew install ffmpeg, winget install ffmpeg) or run npm install mediabunny @mediabunny/server; or ${instead}, which needs nothing.`,
  });
}

/** The last line that a tool wrote to stderr, without the address of its decoder. */
export function lastLine(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return (lines.at(-1) ?? '').replace(/^\[[^\]]*\]\s*/, '').trim() || 'no reason given';
}

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { FaceanimError } from '@faceanim/tensor/errors';

/** A running `ffmpeg` or `ffprobe`. */
export interface Tool {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when it has ended, and never rejects: its exit code and stderr, each different line once. */
  readonly ended: Promise<{ code: number; stderr: string }>;
}

/** More lines than anybody reads. */
const mostLines = 100;

/** Starts a command-line tool, which is killed when `signal` fires. `onLine` gets each new line of stderr. */
export function startTool(
  name: 'ffmpeg' | 'ffprobe',
  args: readonly string[],
  { signal, onLine }: { signal?: AbortSignal | undefined; onLine?: (line: string) => void } = {},
): Tool {
  const child = spawn(name, args, { stdio: 'pipe', signal, killSignal: 'SIGKILL' });
  // For a damaged file it says the same thing about every packet.
  const lines = new Set<string>();
  let rest = '';
  const say = (text: string) => {
    const line = text.replace(/^\[[^\]]* @ [0-9a-fx]+\]\s*/, '').trim();
    if (line === '' || /Last message repeated/.test(line) || lines.has(line) || lines.size >= mostLines)
      return;
    lines.add(line);
    onLine?.(line);
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split(/[\r\n]+/);
    rest = parts.pop()!;
    for (const part of parts) say(part);
  });
  // If it dies early, `ended` tells; the broken pipe adds nothing.
  child.stdin.on('error', () => {});
  child.on('error', (error) => say(error.message));
  const ended = new Promise<{ code: number; stderr: string }>((resolve) => {
    child.on('close', (code) => {
      say(rest);
      resolve({ code: code ?? constants.signals.SIGKILL, stderr: [...lines].join('\n') });
    });
  });
  return { child, ended };
}

/** Runs a tool to its end and collects what it writes. It is killed when `signal` fires; that is for the caller to report. */
export async function outputOf(
  name: 'ffmpeg' | 'ffprobe',
  args: readonly string[],
  signal?: AbortSignal,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { child, ended } = startTool(name, args, { signal });
  child.stdin.end();
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  return { ...(await ended), stdout: Buffer.concat(chunks).toString() };
}

/** What tools said of themselves, by the PATH that found them. */
const descriptions = new Map<string, ReturnType<typeof outputOf>>();

/** As {@link outputOf}, but asks only once, for starting ffmpeg takes longer than many a read. */
function describeTool(name: 'ffmpeg' | 'ffprobe', ...args: string[]): ReturnType<typeof outputOf> {
  const key = [process.env.PATH, name, ...args].join('\n');
  let description = descriptions.get(key);
  if (!description) {
    description = outputOf(name, args);
    descriptions.set(key, description);
    // It may be installed later.
    const forget = () => descriptions.delete(key);
    description.then(({ code }) => code !== 0 && forget(), forget);
  }
  return description;
}

/** Whether `ffmpeg` and `ffprobe` are on the PATH. */
export async function ffmpegIsInstalled(): Promise<boolean> {
  const answers = await Promise.all(
    (['ffmpeg', 'ffprobe'] as const).map((name) => describeTool(name, '-version')),
  );
  return answers.every(({ code }) => code === 0);
}

/** Whether this ffmpeg has all of the named encoders or filters. */
export async function ffmpegHas(list: 'encoders' | 'filters', names: readonly string[]): Promise<boolean> {
  const { stdout } = await describeTool('ffmpeg', '-v', 'error', `-${list}`);
  // ` V....D libx264  description`, ` .SC zscale  V->V  description`
  const known = new Set(stdout.split('\n').map((line) => line.trim().split(/\s+/)[1]));
  return names.every((name) => known.has(name));
}

/** The option that makes ffmpeg write each frame once, whatever its time. Before 5.1 it has another name. */
export async function passthrough(): Promise<readonly string[]> {
  const { stdout } = await describeTool('ffmpeg', '-v', 'error', '-h', 'long');
  return [stdout.includes('-fps_mode') ? '-fps_mode' : '-vsync', 'passthrough'];
}

/**
 * What ffmpeg may open: files only, and only common containers, because playlists and scripts would make it read other
 * files and addresses.
 */
export const inputLimits: readonly string[] = [
  '-protocol_whitelist',
  'file,pipe',
  '-format_whitelist',
  'mov,matroska,avi,flv,asf,ogg,mpeg,mpegts,mpegvideo,m4v,h264,hevc,ivf,obu,nut,mxf,dv,rm,gif,apng,wav,mp3,flac,aac',
];

/** The error for a video file on a machine without ffmpeg. */
export function ffmpegMissing(path: string, instead: string): FaceanimError {
  return new FaceanimError(
    'media',
    `${path} needs the commands ffmpeg and ffprobe, which are not installed.`,
    {
      file: path,
      hint: `Install ffmpeg (apt-get install ffmpeg, brew install ffmpeg, winget install ffmpeg); or ${instead}, which needs nothing.`,
    },
  );
}

/** The last line that a tool wrote to stderr. */
export function lastLine(stderr: string): string {
  return (stderr.trim().split('\n').at(-1) ?? '').trim() || 'no reason given';
}

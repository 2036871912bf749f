import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export { collect, meanDifference, noRgbImages, picture } from './pictures';

/** A temporary folder that is removed at the end of the scope. */
export function temporaryFolder(): Disposable & { readonly path: string; join(...names: string[]): string } {
  const path = mkdtempSync(join(tmpdir(), 'faceanim-'));
  return {
    path,
    join: (...names) => join(path, ...names),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Whether the `ffmpeg` command is there; tests that need it are skipped without it. */
export const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('ffmpeg is not installed: video file tests are skipped');

/** Runs ffmpeg to make a clip for a test. */
export function ffmpeg(...args: string[]): void {
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args]);
  if (status !== 0) throw new Error(String(stderr));
}

/** What ffprobe tells about a track, a row for each packet or stream. */
export function ffprobe(path: string, track: 'v' | 'a', entries: string): string[][] {
  const args = ['-v', 'error', '-select_streams', track, '-show_entries', entries, '-of', 'csv=p=0', path];
  const text = String(spawnSync('ffprobe', args).stdout).trim();
  return text.split('\n').map((line) => line.replace(/,$/, '').split(','));
}

/** When sound begins and the track ends, in seconds from the first frame. */
export function heard(path: string): { beep: number; end: number } {
  const rate = 48000;
  const [[start]] = ffprobe(path, 'v', 'packet=pts_time') as [[string]];
  // Silence up to the first sample, as players have it.
  const output = ['-ac', '1', '-ar', `${rate}`, '-af', 'aresample=async=1:first_pts=0', '-f', 's16le', '-'];
  const { stdout } = spawnSync('ffmpeg', ['-v', 'error', '-i', path, '-map', 'a:0', ...output]);
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length >> 1);
  const beep = samples.findIndex((value) => Math.abs(value) > 8000);
  return { beep: beep / rate - Number(start), end: samples.length / rate - Number(start) };
}

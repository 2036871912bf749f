import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingShared, sharedDir } from '../../../tensor/test/support/shared';
import { type Landmarks, landmarksOf } from '../../src/landmarks/measures';

/** Names of the clips or looks in ../shared/media whose true landmarks are known; empty where it is absent. */
export function mediaNames(pattern: RegExp): string[] {
  const dir = sharedDir() && join(sharedDir()!, 'media');
  if (!dir || !existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith('.landmarks.json') && pattern.test(file))
    .map((file) => file.replace('.landmarks.json', ''))
    .sort();
}

/** The true landmarks of a clip frame by frame, undefined where it shows no face; a look has one frame. */
export function mediaLandmarks(name: string): (Landmarks | undefined)[] {
  if (!mediaNames(/./).includes(name)) return [];
  const { landmarks } = JSON.parse(
    readFileSync(join(sharedDir()!, 'media', `${name}.landmarks.json`), 'utf8'),
  );
  const frames = typeof landmarks[0]?.[0] === 'number' ? [landmarks] : landmarks;
  return frames
    .map((frame: number[][] | null) => frame ?? undefined)
    .map((f: number[][] | undefined) => f && landmarksOf(f));
}

/** Why tests that read the clips are skipped, for their names; empty if they can run. */
export function missingClips(): string {
  if (spawnSync('ffmpeg', ['-version']).status !== 0) return ' (skipped: there is no ffmpeg)';
  return mediaNames(/^driver-/).length === 0 ? ` (${missingShared})` : '';
}

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FaceanimError, type RgbImage } from '@faceanim/core';
import { type Landmarks, landmarksOf } from '@faceanim/core/landmarks';
import { readImage } from '@faceanim/media';
import { messageOf } from '@faceanim/tensor/errors';
import { needPython, pythonCommand } from '../../../tools/python.mjs';

/** What the frames of an animation should be. */
export interface Truth {
  readonly pictures: readonly RgbImage[];
  readonly landmarks: readonly Landmarks[];
}

const script = join(import.meta.dirname, 'truth.py');

/** The clips whose truth can be drawn. */
export const clipsWithTruth: readonly string[] = ['talk', 'smile', 'scream', 'blink-brows', 'jitter'];

/** Draws the person of the look with the motion of the driver, unless an earlier run has drawn the same frames. */
export async function readTruth(options: {
  shared: string;
  folder: string;
  clip: string;
  look: string;
  frames: readonly number[];
}): Promise<Truth> {
  const { shared, clip, look, frames } = options;
  const folder = join(options.folder, `${clip}.${look}`);
  const file = join(folder, 'landmarks.json');
  const read = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
  if (read().frames?.join() !== frames.join()) {
    needPython(['numpy', 'PIL']);
    const flags = ['--shared', shared, '--out', options.folder, '--frames', frames.join()];
    try {
      await promisify(execFile)(pythonCommand(), [script, ...flags, `${clip}.${look}`]);
    } catch (cause) {
      const reason = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? messageOf(cause);
      throw new FaceanimError('io', `The pictures of the truth could not be drawn: ${reason}.`, {
        hint: 'The renderer is compiled by gcc.',
        cause,
      });
    }
  }
  const { landmarks }: { landmarks: number[][][] } = read();
  return {
    pictures: await Promise.all(
      frames.map((frame) => readImage(join(folder, `${String(frame).padStart(3, '0')}.png`))),
    ),
    landmarks: landmarks.map(landmarksOf),
  };
}

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../../tensor/test/support/shared';
import type { RgbImage } from '../../src/contracts/image';
import { isCut, sceneOf } from '../../src/landmarks/scene';
import { mediaLandmarks, mediaNames, missingClips } from './media';

const clips = mediaNames(/^driver-/);
const missing = missingClips();
const side = 256;

/** The frames of a clip that show a face, as scenes; a filter of ffmpeg may change them. */
function scenes(clip: string, filter = 'null') {
  const file = join(sharedDir()!, 'media', `${clip}.mp4`);
  const pixels = ['-vf', `${filter},scale=${side}:${side}`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const { stdout } = spawnSync('ffmpeg', ['-v', 'error', '-i', file, ...pixels], { maxBuffer: 2 ** 30 });
  const bytes = side * side * 3;
  return mediaLandmarks(clip).flatMap((face, i) => {
    const data = new Uint8Array(stdout.subarray(i * bytes, (i + 1) * bytes));
    const image: RgbImage = { width: side, height: side, data };
    return face ? [sceneOf(image)] : [];
  });
}

describe.skipIf(missing !== '')(`cuts${missing}`, () => {
  const all = missing ? [] : clips.map((clip) => scenes(clip));

  it.each(clips)('sees no cut in %s, not even over a second', (clip) => {
    const frames = all[clips.indexOf(clip)]!;
    for (const gap of [1, 5, 25]) {
      for (let i = gap; i < frames.length; i++) expect(isCut(frames[i - gap]!, frames[i]!)).toBe(false);
    }
  });

  it('sees a cut between any two clips', () => {
    for (const [i, a] of all.entries()) {
      for (const b of all.slice(i + 1)) {
        for (const t of [0, 6]) expect(isCut(a[t]!, b[t]!)).toBe(true);
      }
    }
  });

  it('takes a light that is switched, or a quick pan, for none', () => {
    const [plain] = all;
    for (const filter of ['eq=brightness=0.25', 'eq=brightness=-0.25', 'crop=410:410:0:0']) {
      const changed = scenes(clips[0]!, filter);
      expect(isCut(plain![3]!, changed[4]!)).toBe(false);
    }
  });
});

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { AlignedFrame, LandmarkNet } from '@faceanim/core';
import {
  defaultMinScore,
  detectLandmarks,
  ffhqQuad,
  normalizedMeanError,
  trackClip,
  trackFaces,
} from '@faceanim/core/landmarks';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import '../../../tensor/test/support/backends';
import { mediaLandmarks, mediaNames, missingClips } from '../../../core/test/landmarks/media';
import { Fixture } from '../../../tensor/test/support/fixtures';
import { sharedDir } from '../../../tensor/test/support/shared';
import { createLandmarkNet } from '../../src/landmarks/load-landmark-net';
import { bundledFile } from '../support/bundled';

const clips = mediaNames(/^driver-/);
const missing = missingClips();

describe.skipIf(missing !== '')(`tracking with the avatar pack's FAN${missing}`, () => {
  let before: number;
  let net: LandmarkNet;

  beforeAll(async () => {
    await tf.setBackend('wasm');
    before = tf.memory().numTensors;
    net = createLandmarkNet(new Fixture(bundledFile('fan.safetensors')).tensors);
  });

  afterAll(() => {
    net[Symbol.dispose]();
    expect(tf.memory().numTensors).toBe(before);
  });

  async function track(clip: string, frames: number[]): Promise<AlignedFrame[]> {
    const tracked: AlignedFrame[] = [];
    for await (const frame of trackFaces(play(clip, frames), { landmarkNet: net })) tracked.push(frame);
    return tracked;
  }

  it.each(clips.filter((clip) => !clip.includes('noface')))(
    'puts the landmarks on the face of %s',
    async (clip) => {
      const truth = mediaLandmarks(clip);
      const frames = await track(clip, [0, 10, 20]);
      const errors = frames.map((frame) => normalizedMeanError(frame.landmarks, truth[frame.index]!));
      expect(errors).toHaveLength(3);
      // Measured in these frames: 0.9 to 1.8 %.
      expect(Math.max(...errors)).toBeLessThan(0.025);
    },
  );

  it('takes neither a face upside down nor noise for a face', async () => {
    const [clip] = clips;
    for await (const { image } of play(clip!, [0])) {
      const turned = { ...image, data: image.data.slice().reverse() };
      const { center, x, y } = ffhqQuad(mediaLandmarks(clip!)[0]!)!;
      const quad = { center: [512 - center[0], 512 - center[1]], x, y } as const;
      expect((await detectLandmarks(image, { center, x, y }, net)).score).toBeGreaterThan(defaultMinScore);
      expect((await detectLandmarks(turned, quad, net)).score).toBeLessThan(defaultMinScore);
      const noise = { ...image, data: image.data.map((_, i) => (i * i * 31 + i * 7) % 256) };
      expect((await detectLandmarks(noise, quad, net)).score).toBeLessThan(defaultMinScore);
    }
  });

  it.each(clips.filter((clip) => clip.includes('noface')))(
    'holds the face in the frames of %s that show none',
    // Searches whole pictures; the other tests search small ones.
    { tags: ['long'] },
    async (clip) => {
      const truth = mediaLandmarks(clip);
      const frames = await trackClip(play(clip, [...truth.keys()]), { landmarkNet: net });
      expect(frames.map(({ found }) => found)).toEqual(truth.map((face) => face !== undefined));
      expect(frames.map(({ shot }) => shot)).toEqual(truth.map(() => 0));
    },
  );
});

/** Some frames of a clip. */
async function* play(clip: string, frames: number[]) {
  const file = join(sharedDir()!, 'media', `${clip}.mp4`);
  const [width, height] = [512, 512];
  const pixels = ['-frames:v', `${Math.max(...frames) + 1}`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const { stdout } = spawnSync('ffmpeg', ['-v', 'error', '-i', file, ...pixels], { maxBuffer: 2 ** 30 });
  const bytes = width * height * 3;
  for (const index of frames) {
    yield {
      index,
      image: { width, height, data: new Uint8Array(stdout.subarray(index * bytes, (index + 1) * bytes)) },
    };
  }
}

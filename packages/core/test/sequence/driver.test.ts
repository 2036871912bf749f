import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { ProgressEvent } from '../../src/contracts/progress';
import { latentStatistics } from '../../src/latents/statistics';
import type { DriverFrame, ProjectSequenceOptions } from '../../src/sequence/options';
import { projectSequence } from '../../src/sequence/project-sequence';
import { tinyLandmarkNet } from '../../src/testing';
import { type Base, collect, driver, picture, withNetworks } from './support';

beforeAll(() => tf.setBackend('cpu'));

const plain = driver(2).map(({ index, image }) => ({ index, image }));
const fewPoints = { points: 5, groups: { all: [0, 4] } } as const;

it.each<[string, readonly DriverFrame[], (base: Base) => Partial<ProjectSequenceOptions>, RegExp]>([
  ['no landmark network', plain, () => ({ landmarkNet: undefined }), /needs a landmark network/],
  [
    'a landmark network that cannot track',
    plain,
    () => ({ landmarkNet: tinyLandmarkNet(2, fewPoints) }),
    /68/,
  ],
  ['tracking of aligned frames', driver(2), () => ({ tracking: { align: 'first' } }), /aligned already/],
  [
    'a frame without a picture',
    [plain[0]!, { index: 1 } as never],
    () => ({ tracking: { align: 'none', minScore: 0 } }),
    /A frame of the driver/,
  ],
  [
    'plain frames after aligned ones',
    [driver(1)[0]!, plain[1]!],
    () => ({}),
    /^driver frame 1 must be an aligned frame, as the first one is/,
  ],
  [
    'aligned frames after plain ones',
    [plain[0]!, driver(2)[1]!],
    () => ({ tracking: { align: 'none', minScore: 0 } }),
    /^driver frame 1 must be a plain image, as the first one is/,
  ],
])(
  'closes the driver when the run is refused for %s, and tells of that even if closing fails',
  async (_, frames, options, message) => {
    await withNetworks(async (base) => {
      let closed = false;
      async function* clip() {
        try {
          yield* frames;
        } finally {
          closed = true;
          await Promise.reject(new Error('The file is gone.'));
        }
      }
      const run = collect({
        ...base,
        steps: { look: 0, first: 1, next: 1 },
        driver: clip(),
        ...options(base),
      });
      await expect(run).rejects.toMatchObject({
        code: 'invalid-option',
        message: expect.stringMatching(message),
      });
      expect(closed).toBe(true);
    });
  },
);

it.each([0, 1])('closes the driver when the caller leaves after frame %i', async (last) => {
  await withNetworks(async (base) => {
    let closed = false;
    function* clip() {
      try {
        yield* driver(3);
      } finally {
        closed = true;
      }
    }
    for await (const { index } of projectSequence({ ...base, driver: clip() })) if (index === last) break;
    expect(closed).toBe(true);
  });
});

it('measures relative terms before the driver is tracked, and not for frames that are all resumed', async () => {
  await withNetworks(async (base) => {
    const statistics = await latentStatistics(base.generator, { samples: 300 });
    const short = { ...base, statistics, steps: { look: 0, first: 1, next: 1 } };
    const options = { ...short, driver: plain, tracking: { align: 'none', minScore: 0 } } as const;
    const stages: ProgressEvent['stage'][] = [];
    const onProgress = ({ stage }: ProgressEvent) => void (stages.at(-1) !== stage && stages.push(stage));
    const resume = await collect({ ...options, onProgress });
    expect(stages.splice(0)).toEqual(['statistics', 'track', 'optimize']);
    await collect({ ...options, resume, onProgress });
    expect(stages).toEqual(['track', 'optimize']);
  });
});

it('resumes from an aligned driver only with the same pictures and landmarks', async () => {
  await withNetworks(async (base) => {
    const short = { ...base, steps: { look: 0, first: 1 }, driver: driver(1) };
    const resume = await collect(short);
    expect(resume[0]!.origin.settings['tracking.align']).toBe('before');
    await expect(collect({ ...short, resume })).resolves.toHaveLength(1);
    const alignedLandmarks = driver(1)[0]!.alignedLandmarks.map((x) => x + 1);
    const others = { landmarks: { alignedLandmarks }, picture: { image: picture(7) } };
    for (const change of Object.values(others)) {
      const changed = driver(1).map((frame) => ({ ...frame, ...change }));
      await expect(collect({ ...short, driver: changed, resume })).rejects.toMatchObject({
        code: 'resume-mismatch',
        message: expect.stringContaining('frame 0 of the driver is another one'),
      });
    }
  });
});

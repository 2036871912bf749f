import { projectSequence, type SequenceFrame } from '@faceanim/core';
import { ibug68, landmarkWeights, locateFace, mouthOpening, trackFaces } from '@faceanim/core/landmarks';
import { heatmaps, landmarks } from '@faceanim/core/losses';
import { tinyDriver, tinyLandmarkNet, tinyNetworks } from '@faceanim/core/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';

/** The five points of many face detectors. */
const five = { points: 5, groups: { eyes: [0, 1], nose: [2, 2], mouth: [3, 4] } } as const;

beforeAll(() => tf.setBackend('wasm'));

it('a layout has weights for its own groups, 1 by default', () => {
  expect([...landmarkWeights({ mouth: 3 }, five)]).toEqual([1, 1, 1, 3, 3]);
  expect(() => landmarkWeights({ jaw: 1 }, five)).toThrow(/one of eyes, nose, mouth, got "jaw"/);
  // The same points by the same names are those of iBUG.
  expect(landmarkWeights({ eyes: 2 }, { ...ibug68 })).toEqual(landmarkWeights({ eyes: 2 }));
});

it.each([
  ['no groups', { points: 5 }, /5 points and no groups/],
  [
    'a group beyond its points',
    { points: 5, groups: { mouth: [3, 5] } },
    /Group mouth .*between 0 and 4, got "\[3, 5\]"/,
  ],
  ['a group that runs backwards', { points: 5, groups: { mouth: [4, 3] } }, /Group mouth/],
] as const)('a network with %s is refused', (_, layout, message) => {
  using net = tinyLandmarkNet(2, layout);
  expect(() => heatmaps({ net })).toThrow(message);
  expect(() => landmarks({ net })).toThrow(message);
});

it('functions that need the iBUG landmarks say so', async () => {
  using net = tinyLandmarkNet(2, five);
  const [{ image }] = tinyDriver(1) as [ReturnType<typeof tinyDriver>[number]];
  const refused = {
    code: 'invalid-option',
    message: expect.stringMatching(/needs the 68 iBUG landmarks.* 5\./),
  };
  await expect(trackFaces([{ index: 0, image }], { landmarkNet: net }).next()).rejects.toMatchObject(refused);
  await expect(locateFace(image, { landmarkNet: net })).rejects.toMatchObject(refused);
  expect(() => mouthOpening(new Float64Array(10))).toThrow(/needs the 68 iBUG landmarks/);
});

eachBackend(() => {
  it('loss terms work with any landmarks', async () => {
    using networks = tinyNetworks();
    using net = tinyLandmarkNet(2, five);
    const frames: SequenceFrame[] = [];
    for await (const frame of projectSequence({
      generator: networks.generator,
      driver: tinyDriver(2),
      losses: [landmarks({ net, groups: { mouth: 2 } }), heatmaps({ net, groups: { eyes: 4 } })],
      steps: { look: 0, first: 12, next: 6 },
      statistics: { samples: 300 },
    }))
      frames.push(frame);
    for (const { losses, history } of frames) expect(losses.total).toBeLessThan(0.9 * history[0]!.total);
    expect(frames[0]!.origin.settings).toMatchObject({
      'losses.heatmaps.groups.eyes': 4,
      'losses.heatmaps.groups.nose': 1,
    });
  });
});

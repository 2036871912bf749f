import type { LandmarkNet, PerceptualNet } from '@faceanim/core';
import { mouthMode } from '@faceanim/core';
import { landmarkModel } from '@faceanim/models';
import { expect, it } from 'vitest';
import type { AnimateOptions } from '../../src/animate/options';
import { sequenceOptions, targetOf } from '../../src/animate/sequence';

const landmarkNet = { heatmaps: () => {}, points: 68, heatmapSize: 64 } as unknown as LandmarkNet;
const perceptual = { features: () => [] } as unknown as PerceptualNet;
const options: AnimateOptions = { driver: 'd.mp4', out: 'o.mp4', look: 'l.png' };

it('--mode mouth is mouthMode, with --gain and --weights on top', async () => {
  const mouth: AnimateOptions = { ...options, mode: 'mouth', gain: { mouth: 1.2 }, weights: { brows: 2 } };
  const model = await landmarkModel();
  const expected = mouthMode(
    { landmarkNet, perceptual, landmarkModel: model },
    { gain: { mouth: 1.2 }, groups: { brows: 2 } },
  );
  expect(await targetOf(mouth, { landmarkNet, landmarkModel: model }, {})).toMatchObject({
    settings: (expected.target as { settings: object }).settings,
  });
  const { losses } = sequenceOptions(mouth, { landmarkNet, perceptual });
  const settings = (terms: typeof losses) => terms!.map(({ name, settings }) => [name, settings]);
  expect(settings(losses)).toEqual(settings(expected.losses));
});

it('without a look the mode is free, with one identity', () => {
  const names = (given: AnimateOptions) =>
    sequenceOptions(given, { landmarkNet, perceptual }).losses!.map(({ name }) => name);
  expect(names(options)).toContain('lpips');
  expect(names({ ...options, look: undefined })).not.toContain('lpips');
});

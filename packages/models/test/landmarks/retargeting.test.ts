import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  ffhqQuad,
  imageToQuad,
  type Landmarks,
  landmarkJitter,
  landmarksOf,
  normalizedMeanError,
} from '@faceanim/core/landmarks';
import { fitClip, fitFace, type LandmarkModel, liveFit, retarget } from '@faceanim/core/retargeting';
import { beforeAll, describe, expect, it } from 'vitest';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { landmarkModel } from '../../src';

const cases = listFixtures('retarget', /\.json$/);

/** Error in % of the outer eye distance, and jitter, of the reference in PyTorch (60 steps of L-BFGS). */
const reference: Record<string, [error: number, jitter: number]> = {
  'blink-brows': [1.47, 0.57],
  scream: [2.37, 0.49],
  smile: [1.83, 0.62],
  'smile-shaky': [3.34, 1.39],
  talk: [3.09, 0.83],
};

describe.skipIf(cases.length === 0)(`retargeting${cases.length ? '' : ` (${missingShared})`}`, () => {
  let model: LandmarkModel;
  beforeAll(async () => {
    model = await landmarkModel();
  });

  it.each(cases.map((file) => [basename(file, '.json'), file]))(
    '%s is not worse than the reference',
    async (name, file) => {
      const { driver, look, truth } = readCase(file);
      const clip = await fitClip(model, driver);
      const targets = retarget({ model, driver: clip, look: fitFace(model, look, { noise: clip.noise }) });
      const untouched = driver.map((landmarks) => imageToQuad(landmarks, ffhqQuad(landmarks)!, 256));
      const known = reference[name];
      expect(error(targets, truth)).toBeLessThan(known ? 1.05 * known[0] : 0.75 * error(untouched, truth));
      expect(jitter(targets)).toBeLessThan(known ? known[1] : 0.5 * jitter(untouched));
    },
  );

  // Measured: 0.10 to 0.35 % of the outer eye distance.
  it.each(cases.map((file) => [basename(file, '.json'), file]))(
    '%s live is near the whole clip',
    async (_, file) => {
      const { driver, look } = readCase(file);
      const clip = await fitClip(model, driver);
      const face = fitFace(model, look, { noise: clip.noise });
      const live = liveFit(model);
      const fits = driver.map((landmarks) => live.push(landmarks));
      const afterASecond = fits.slice(27).map((fit) => fit!);
      const targets = afterASecond.map(
        (fit) => retarget({ model, driver: { frames: [fit] }, look: face })[0]!,
      );
      const whole = retarget({ model, driver: clip, look: face }).slice(25, -2);
      expect(error(targets, whole)).toBeLessThan(0.8);
    },
  );
});

function readCase(file: string): { driver: Landmarks[]; look: Landmarks; truth: Landmarks[] } {
  const { driver, look, truth } = JSON.parse(readFileSync(file, 'utf8'));
  return { driver: driver.map(landmarksOf), look: landmarksOf(look), truth: truth.map(landmarksOf) };
}

function error(targets: readonly Landmarks[], truth: readonly Landmarks[]): number {
  const sum = targets.reduce((sum, target, t) => sum + normalizedMeanError(target, truth[t]!), 0);
  return (100 * sum) / targets.length;
}

const jitter = (targets: readonly Landmarks[]) => 100 * landmarkJitter(targets);

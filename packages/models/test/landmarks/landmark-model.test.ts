import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ffhqQuad, imageToQuad, normalizedMeanError } from '@faceanim/core/landmarks';
import { fitClip, fitFace, type LandmarkModel, retarget } from '@faceanim/core/retargeting';
import { expect, it } from 'vitest';
import { avatarPack, landmarkModel } from '../../src';
import readings from './fan-readings.json';

it('the bundled model has a mean face and directions of variance 1', async () => {
  const { mean, identity, expression } = await landmarkModel();
  expect([identity.length, expression.length]).toEqual([30, 16]);
  // The unit is the distance of the eye centres, and y points up: the chin, 8, is below the eyes.
  const centre = (first: number) => {
    const xs = Array.from({ length: 6 }, (_, i) => mean[3 * (first + i)]!);
    return xs.reduce((a, b) => a + b) / 6;
  };
  expect(centre(42) - centre(36)).toBeCloseTo(1, 3);
  expect(mean[3 * 8 + 1]).toBeLessThan(-1);
  expect(Math.hypot(...identity[0]!)).toBeGreaterThan(Math.hypot(...identity[29]!));
});

it('a damaged or missing model is refused by name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faceanim-model-'));
  try {
    await cp(new URL('../../assets/avatar/', import.meta.url), folder, { recursive: true });
    const load = () => landmarkModel({ folder: pathToFileURL(`${folder}/`) });
    expect(await load()).toEqual(await landmarkModel());
    await writeFile(join(folder, 'landmark-model.safetensors'), new Uint8Array(64));
    await expect(load()).rejects.toMatchObject({
      code: 'checkpoint-corrupt',
      file: expect.stringContaining('landmark-model.safetensors'),
    });
    await rm(join(folder, 'landmark-model.safetensors'));
    await expect(load()).rejects.toMatchObject({ code: 'io' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('its options are checked', async () => {
  await expect(landmarkModel({ folder: 7 as never })).rejects.toMatchObject({ code: 'invalid-option' });
  await expect(landmarkModel({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
});

it('for what the FAN of the pack reads, the model of the pack is nearer to the truth', async () => {
  const [look, driver, truth] = [[readings.look], readings.driver, readings.truth].map((frames) =>
    frames.map((values) => Float64Array.from(values)),
  ) as [Float64Array[], Float64Array[], Float64Array[]];
  const errorWith = async (model: LandmarkModel) => {
    const clip = await fitClip(model, driver);
    const targets = retarget({ model, driver: clip, look: fitFace(model, look[0]!, { noise: clip.noise }) });
    const aligned = truth.map((points) => imageToQuad(points, ffhqQuad(points)!, 256));
    return targets.reduce((sum, target, t) => sum + normalizedMeanError(target, aligned[t]!), 0);
  };
  const pack = await avatarPack({ only: ['landmarkModel'] });
  expect(await errorWith(pack.landmarkModel)).toBeLessThan(0.9 * (await errorWith(await landmarkModel())));
});

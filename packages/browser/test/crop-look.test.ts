import { type PrepareLookOptions, prepareLook, type RgbImage } from '@faceanim/core';
import { expect, it, vi } from 'vitest';
import { lookCropper } from '../src/worker/crop-look';
import type { WorkerModels } from '../src/worker/models';

vi.mock('@faceanim/core', () => ({
  prepareLook: vi.fn(async (picture: RgbImage, { onWarning }: PrepareLookOptions) => {
    if (picture.data[0] === 0) throw new Error('no face');
    onWarning?.('cropped');
    return { ...picture };
  }),
}));

const picture = (value: number): RgbImage => ({ width: 1, height: 1, data: new Uint8Array(3).fill(value) });

it('searches for the face of a picture once while it is the look, and warns each time', async () => {
  const crop = lookCropper({} as WorkerModels);
  const warnings: string[] = [];
  const hooks = { onWarning: (message: string) => warnings.push(message) };
  const look = await crop(picture(1), hooks);
  expect(await crop(picture(1), hooks)).toBe(look);
  expect(prepareLook).toHaveBeenCalledTimes(1);
  expect(warnings).toEqual(['cropped', 'cropped']);
  expect(await crop(picture(2), hooks)).toEqual(picture(2));
  await expect(crop(picture(0), hooks)).rejects.toThrow('no face');
  await expect(crop(picture(0), hooks), 'again').rejects.toThrow('no face');
  expect(prepareLook).toHaveBeenCalledTimes(4);
});

it('keeps nothing on pages that cannot hash', async () => {
  vi.stubGlobal('crypto', {});
  const crop = lookCropper({} as WorkerModels);
  const look = await crop(picture(1), {});
  expect(await crop(picture(1), {})).not.toBe(look);
  vi.unstubAllGlobals();
});

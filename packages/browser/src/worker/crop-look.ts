import { prepareLook, type RgbImage } from '@faceanim/core';
import { sha256 } from '@faceanim/tensor';
import type { Hooks } from '../options';
import { lookModels, watched } from './inputs';
import type { WorkerModels } from './models';

/** Makes a picture the look of a run, with the warnings of `prepareLook`. */
export type CropLook = (picture: RgbImage, hooks: Hooks) => Promise<RgbImage>;

/** Crops looks, and keeps the last: to find its face takes longer than a step, and most runs have the look of the one before. */
export function lookCropper(models: WorkerModels): CropLook {
  let last:
    | { readonly key: string | undefined; readonly look: RgbImage; readonly warnings: readonly string[] }
    | undefined;
  return async (picture, hooks) => {
    const key = await keyOf(picture);
    if (!last || key === undefined || last.key !== key) {
      const warnings: string[] = [];
      const onWarning = (message: string) => warnings.push(message);
      const look = await prepareLook(picture, { ...lookModels(models), ...watched(hooks), onWarning });
      last = { key, look, warnings };
    }
    const { look, warnings } = last;
    for (const message of warnings) hooks.onWarning?.(message);
    return look;
  };
}

/** Undefined on pages outside secure contexts, which cannot hash. */
async function keyOf({ width, height, data }: RgbImage): Promise<string | undefined> {
  return globalThis.crypto?.subtle && `${width}x${height}:${await sha256(data)}`;
}

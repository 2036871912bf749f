import type { RgbImage } from '@faceanim/core';
import { readImage, readVideo } from '@faceanim/media';
import { avatarPack } from '@faceanim/models';
import { demoDriver, demoLook } from '../assets';
import type { BenchSubject } from './bench';

/** What the demo animates, with the networks that it uses. */
export async function demoSubject({
  frames,
  signal,
}: {
  frames?: number;
  signal: AbortSignal;
}): Promise<BenchSubject> {
  const driver: RgbImage[] = [];
  for await (const { image } of readVideo(demoDriver, { limit: frames, signal })) driver.push(image);
  return {
    look: await readImage(demoLook),
    driver,
    open: () => avatarPack({ fanModules: 1, signal }),
  };
}

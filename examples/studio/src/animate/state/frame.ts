import type { WorkerFrame } from '@faceanim/browser';
import type { Latent, TargetedFrame } from '@faceanim/core';
import { compress } from '../../ui/compressed';

/** A finished frame as the page keeps it: its pictures are compressed, since long clips have thousands. */
export interface Frame {
  /** Index of the frame in the run, from 0. */
  readonly index: number;
  readonly latent: Latent;
  /** What the generator draws for it. */
  readonly image: Blob;
  /** The driver, with landmarks in pixels of its picture. */
  readonly driver: Pick<TargetedFrame, 'alignedLandmarks' | 'index' | 'targetLandmarks'> & {
    readonly image: Blob;
    /** Width and height of the picture. */
    readonly size: number;
  };
}

/** Compresses the pictures of a frame that has just been finished. */
export async function toFrame({ index, latent, image, driver }: WorkerFrame): Promise<Frame> {
  const { alignedLandmarks, targetLandmarks } = driver;
  const [result, followed] = await Promise.all([compress(image!), compress(driver.image)]);
  return {
    ...{ index, latent, image: result },
    driver: {
      ...{ index: driver.index, alignedLandmarks, targetLandmarks },
      ...{ image: followed, size: driver.image.width },
    },
  };
}

import { type LiveFrame, type LiveOptions, openLive, type RgbImage } from '@faceanim/core';
import { centredSquare, type FaceLocator } from '@faceanim/core/landmarks';
import { type LiveSpeed, liveSpeed } from './live-speed';

/** Steps of the look and of opening a session, about. */
export const openingSteps = 20;

/** The pictures are crops of a face: there is nothing to search for. */
const locate: FaceLocator = async (image) => [{ quad: centredSquare(image), score: 1 }];

/**
 * Measures a live session that is given its driver's pictures one after the other, each when the result of the one before is
 * there. The first one does not count.
 *
 * @param maxMs ends after so many milliseconds, with at least one more picture.
 */
export async function measureLive(
  options: LiveOptions,
  driver: readonly RgbImage[],
  maxMs: number,
): Promise<LiveSpeed> {
  const { signal } = options;
  // How well the look is projected does not change the speed.
  using live = await openLive({ ...options, steps: { look: 10 }, tracking: { locate, minScore: 0 } });
  await live.next(driver[0]!, { signal });
  const started = performance.now();
  const results: LiveFrame[] = [];
  for (const picture of driver.slice(1)) {
    results.push(await live.next(picture, { signal }));
    if (performance.now() - started > maxMs) break;
  }
  return liveSpeed(results, performance.now() - started);
}

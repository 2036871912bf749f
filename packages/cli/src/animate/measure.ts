import type { Landmarks } from '@faceanim/core/landmarks';
import type { LandmarkModel } from '@faceanim/core/retargeting';
import { meanOfKnown, measureMotion, shotRanges } from '../report/motion';
import { follow } from './follow';
import type { ObservedFrame } from './observe';
import type { AnimateReport } from './report';

/** Measures how driver, target and results move, and how well the results follow. */
export async function measureResults(
  projected: readonly ObservedFrame[],
  results: readonly Landmarks[],
  model: LandmarkModel,
): Promise<Required<Pick<AnimateReport, 'following' | 'motion' | 'jitter'>>> {
  const shots = shotRanges(projected.map(({ driver }) => driver));
  const driver = await measureMotion(
    projected.map(({ landmarks }) => landmarks.driver),
    model,
    shots,
  );
  const targets = projected.flatMap(({ landmarks }) => landmarks.target ?? []);
  const target = targets.length === projected.length ? await measureMotion(targets, model, shots) : undefined;
  const result = await measureMotion(results, model, shots);
  return {
    following: follow(target ?? driver, result),
    motion: { driver, target, result },
    jitter: {
      driver: meanOfKnown(driver.jitter),
      target: target && meanOfKnown(target.jitter),
      result: meanOfKnown(result.jitter),
    },
  };
}

import { identityLosses, projectSequence } from '@faceanim/core';
import type { LossTerm } from '@faceanim/core/losses';
import type { FrameResult, SequenceIdea } from './idea';
import type { Scene } from './scene';

/** Runs an idea that consists of options of `projectSequence`; without early stopping unless the idea sets it. */
export async function runSequence(
  { options, losses: terms = identityLosses }: SequenceIdea,
  scene: Scene,
): Promise<FrameResult[]> {
  const { pack, drivers, landmarkError, backend, look, statistics, steps } = scene;
  const losses = terms(pack).map(alwaysComputed);
  const wholeWeights = (frame: number) =>
    losses.map(({ name, weight }) => [name, weightAtEnd(weight, frame)] as const);
  const curves: number[][] = drivers.map(() => []);
  const sequence = projectSequence({
    ...pack,
    backend,
    look,
    statistics,
    steps: { look: 0, ...steps },
    driver: drivers,
    earlyStopping: false,
    readEvery: 1,
    ...options,
    losses,
    onProgress: ({ position: frame, losses: values }) => {
      if (frame === undefined || !values) return;
      const total = wholeWeights(frame).reduce(
        (sum, [name, weight]) => sum + weight * (values[name] ?? 0),
        0,
      );
      curves[frame]!.push(Math.min(curves[frame]!.at(-1) ?? Number.POSITIVE_INFINITY, total));
    },
  });
  const results: FrameResult[] = [];
  for await (const { index, latent, driver, losses: values, steps } of sequence) {
    const nme = await landmarkError(latent, driver);
    results.push({ evaluations: steps, cost: steps, losses: values, nme, curve: curves[index]! });
  }
  return results;
}

/** Gives a term that starts later a tiny weight before, so that its value is in the curves. */
function alwaysComputed(term: LossTerm): LossTerm {
  const { weight } = term;
  return typeof weight === 'number' ? term : { ...term, weight: (at) => Math.max(weight(at), 1e-9) };
}

const weightAtEnd = (weight: LossTerm['weight'], frame: number) =>
  typeof weight === 'number' ? weight : weight({ frame, step: 1, steps: 1, progress: 1, encoded: false });

import { type AlignedFrame, projectSequence } from '@faceanim/core';
import { centredSquare } from '@faceanim/core/landmarks';
import { type AvatarPack, factorsToZ } from '@faceanim/models';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import { drawFace } from '../look/draw-face';

/** Options of {@link measureIteration}. */
export interface MeasureOptions {
  /** Iterations to measure, after one that compiles and warms up. */
  iterations: number;
  /** Stops after so many milliseconds, with at least one iteration. */
  maxMs: number;
  signal?: AbortSignal;
}

/** The parts of the pack that {@link measureIteration} uses. */
export const measuredParts = ['generator', 'landmarkNet', 'perceptual', 'factors'] as const;

/** Median milliseconds of one iteration of the demo's objective on the active backend. */
export async function measureIteration(
  pack: AvatarPack<(typeof measuredParts)[number]>,
  { iterations, maxMs, signal }: MeasureOptions,
): Promise<number> {
  const face = (seed: number) => drawFace(pack, factorsToZ(pack.factors, {}, { seed }));
  const [look, driver] = [await face(1), await face(2)];
  const controller = new AbortController();
  signal?.addEventListener('abort', () => controller.abort(), { once: true });
  const started = performance.now();
  const times: number[] = [];
  const run = projectSequence({
    ...pack,
    look,
    driver: [alignedAlready(driver)],
    steps: { look: 0, first: iterations + 2 },
    statistics: { samples: 500 },
    earlyStopping: false,
    readEvery: 1,
    signal: controller.signal,
    onProgress: ({ step }) => {
      if (step === undefined) return;
      times.push(performance.now());
      const enough =
        times.length > iterations + 1 || (times.length > 1 && performance.now() - started > maxMs);
      if (enough) controller.abort();
    },
  });
  try {
    await run.next();
  } catch (error) {
    if (!FaceanimError.isInstance(error, 'aborted')) throw error;
  }
  throwIfAborted(signal);
  const gaps = times.slice(1).map((time, i) => time - times[i]!);
  return gaps.sort((a, b) => a - b)[gaps.length >> 1]!;
}

/** A frame as a tracker would give it. The objective only looks at the picture. */
function alignedAlready(image: AlignedFrame['image']): AlignedFrame {
  const landmarks = new Float64Array(136);
  const shown = { index: 0, shot: 0, found: true, image, quad: centredSquare(image), score: 1 };
  return { ...shown, landmarks, alignedLandmarks: landmarks };
}

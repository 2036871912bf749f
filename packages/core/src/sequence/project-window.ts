import * as tf from '@tensorflow/tfjs-core';
import type { ProjectedFrame } from '../contracts/frames';
import type { NoiseMaps } from '../contracts/generator';
import type { ImageTensor } from '../contracts/image';
import type { FrameContext, LossTerm } from '../contracts/loss-term';
import { drawLandmarks } from '../landmarks/draw';
import type { AlignedFrame } from '../landmarks/track';
import { imageToTensor } from '../media/image-tensors';
import type { LatentSpace } from '../optim/latent-space';
import { createObjective } from '../optim/objective';
import { optimizeLatents } from '../optim/optimize-latents';
import type { StepPrograms } from '../optim/step-programs';
import { randomState } from '../tensor/rng';
import type { progressClock } from './progress-clock';
import type { ProjectSequenceOptions } from './project-sequence';
import type { Settings } from './settings';
import { type Guess, startOf } from './start';

/** What all frames of a run share. */
export interface SequenceRun {
  readonly options: ProjectSequenceOptions;
  readonly settings: Settings;
  readonly space: LatentSpace;
  readonly mean: tf.Tensor;
  readonly look: ImageTensor<'signed'> | undefined;
  /** Where there are an encoder and a look. */
  readonly guess: Guess | undefined;
  /** What terms prepared for the run. */
  readonly prepared: Map<LossTerm, tf.TensorContainer>;
  readonly programs: StepPrograms;
  readonly clock: ReturnType<typeof progressClock>;
}

/** Frames finished before: the last one with its driver frame, that before it, and the last that has a `curvature`. */
export interface FinishedFrames {
  readonly last?: ProjectedFrame;
  readonly driver?: AlignedFrame;
  readonly beforeLast?: ProjectedFrame;
  readonly learned?: ProjectedFrame;
}

/** The finished frames with one more. */
export function finish(
  { last, learned }: FinishedFrames,
  frame: ProjectedFrame,
  driver: AlignedFrame,
): FinishedFrames {
  return { last: frame, driver, beforeLast: last, learned: frame.curvature ? frame : learned };
}

/**
 * Frames that hand on what they found about the curvature: the matrix is kept with the frame, which must stay
 * affordable. All later ones start with that of the last of these.
 */
const learningFrames = 10;

/** Optimises consecutive frames together, all from the last finished one. */
export async function projectWindow(
  run: SequenceRun,
  first: number,
  drivers: readonly AlignedFrame[],
  finished: FinishedFrames,
): Promise<ProjectedFrame[]> {
  const before = finished.last;
  const { options, settings, space, programs, clock } = run;
  const phase = first === 0 ? 'first' : 'next';
  const steps = settings.steps[phase];
  const { noise, noiseUse } = noiseOf(run, before);
  const frame = contextOf(run, first, drivers, before);
  try {
    using objective = createObjective({
      terms: settings.losses,
      frame,
      space,
      landmarkInput: settings.landmarkInput,
      noiseMode: options.noiseMaps === 'none' ? 'none' : 'const',
      prepared: run.prepared,
    });
    clock.begin({ first, count: drivers.length }, steps);
    const results = await optimizeLatents({
      objective,
      space,
      start: await startOf(run, drivers, finished),
      steps,
      optimizer: settings.optimizer,
      curvature: finished.learned?.curvature,
      learningRate: settings.learningRate[phase],
      adam: options.adam ?? { beta2: 0.99 },
      latentNoise: options.latentNoise,
      random: randomState((settings.seed + first) % 2 ** 32),
      noise,
      noiseUse,
      plateau: settings.plateau || undefined,
      readEvery: settings.readEvery,
      programs,
      frame: first,
      signal: options.signal,
      onStep: ({ step, losses }) => clock.step({ first, count: drivers.length }, step, steps, losses),
    });
    const latents = await latentsOf(run, results);
    return results.map(({ noise: maps, curvature, ...rest }, i) => ({
      index: first + i,
      latent: latents[i]!,
      ...rest,
      ...(curvature && first + i < learningFrames ? { curvature } : {}),
      ...(Object.keys(maps).length > 0 ? { noise: maps } : {}),
    }));
  } finally {
    tf.dispose([frame.driverHeatmaps, frame.previous ?? [], Object.values(noise ?? {})]);
  }
}

/** The constants of the frames: targets and the latent before them. The caller disposes heat maps and latent. */
function contextOf(
  { options, settings: { landmarkInput }, look, mean }: SequenceRun,
  index: number,
  drivers: readonly AlignedFrame[],
  before: ProjectedFrame | undefined,
): FrameContext & { driverHeatmaps: tf.Tensor4D } {
  const { generator, landmarkNet, perceptual, critic, target = 'driver' } = options;
  const heatmaps = ({ image, alignedLandmarks }: AlignedFrame) => {
    const shown = target === 'driver' ? image : drawLandmarks(image, alignedLandmarks);
    return tf.tidy(() =>
      landmarkNet!.heatmaps(landmarkInput(imageToTensor(shown, 'signed'), landmarkNet!, 'driver')),
    );
  };
  return {
    index,
    networks: { generator, landmarkNet, perceptual, critic },
    look,
    driverHeatmaps: tf.tidy(() => tf.concat(drivers.map(heatmaps))),
    previous: before && tf.tensor3d(before.latent.data, [1, generator.numWs, generator.wDim]),
    mean,
  };
}

/** Noise maps that go into the frames, for the caller to dispose, and what for. */
function noiseOf({ options, settings }: SequenceRun, before: ProjectedFrame | undefined) {
  const { generator, noiseMaps } = options;
  if (typeof noiseMaps !== 'object') return {};
  const shapes = Object.entries(generator.noiseMaps).map(([name, map]) => [name, map.shape] as const);
  const random = randomState(settings.seed);
  const values = before ? before.noise : noiseMaps.initial;
  const noise: NoiseMaps = Object.fromEntries(
    shapes.map(([name, shape]) => [
      name,
      tf.tensor2d(values?.[name] ?? Float32Array.from(random.randn(shape[0] * shape[1])), shape),
    ]),
  );
  if (!before) return { noise, noiseUse: 'train' as const };
  return { noise, noiseUse: noiseMaps.after === 'keep' ? ('fixed' as const) : ('count' as const) };
}

/** The latents in W+ of some coordinates. */
async function latentsOf(
  { space, options: { generator } }: SequenceRun,
  results: readonly { coordinates: Float32Array }[],
) {
  const { numWs, wDim } = generator;
  const latents = results.map(async ({ coordinates }) => {
    const ws = tf.tidy(() => space.toWs(tf.tensor3d(coordinates, [1, ...space.shape])));
    try {
      return { numWs, wDim, data: (await ws.data()) as Float32Array };
    } finally {
      ws.dispose();
    }
  });
  return await Promise.all(latents);
}

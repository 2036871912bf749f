import { randomStream, read, TensorBag } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Latent, ProjectedFrame } from '../contracts/frames';
import type { TargetedFrame } from '../contracts/motion-target';
import type { NoiseUse } from '../optimization/evaluation';
import { createObjective } from '../optimization/objective';
import { optimizeLatents } from '../optimization/optimize-latents';
import type { HostTensors } from '../optimizers/optimizer';
import type { FinishedFrames, LookStart, SequenceRun } from './run';
import { startOf } from './start';

/**
 * How many frames of a shot store the optimizer state that is carried over, which may be large. Later frames start with that
 * of the last one.
 */
const learningFrames = 10;

/** Where a window of frames is in the run. */
export interface WindowPlace {
  /** Index of its first frame in the run. */
  readonly first: number;
  /** The frames of its shot that are finished. */
  readonly finished: FinishedFrames;
  /** The noise maps of the frames before, if they are optimised; absent in frame 0. */
  readonly noise?: NonNullable<ProjectedFrame['noise']>;
  /** Where the frames start and with how many steps, if they are optimised again. */
  readonly again?: { readonly start: Float32Array; readonly steps: number };
}

/** Optimises consecutive frames of a shot as one batch, starting from the last finished frame. */
export async function projectWindow(
  run: SequenceRun,
  drivers: readonly TargetedFrame[],
  { first, finished, noise: noiseBefore, again }: WindowPlace,
): Promise<ProjectedFrame[]> {
  const { count, last: before } = finished;
  const { options, settings, space, programs, clock } = run;
  const steps = again?.steps ?? settings.steps[count === 0 ? 'first' : 'next'];
  const window = { first, count: drivers.length, frame: drivers.at(-1)!.index };
  using tensors = new TensorBag();
  const { noise, noiseUse } = noiseOf(run, noiseBefore);
  using objective = createObjective({
    terms: settings.losses,
    generator: options.generator,
    frame: {
      index: count,
      drivers,
      look: run.look,
      previous: before && tensors.keep(latentTensor(before.latent)),
      mean: run.mean,
      heatmapShape: run.heatmapShape,
      lookFace: run.lookFace,
    },
    space,
    noiseMode: options.noiseMaps === 'none' ? 'none' : 'const',
    resolution: settings.stop?.resolution,
    encoded: run.guess !== undefined || run.from !== undefined,
    units: await run.units(),
    runMemo: run.prepared,
  });
  clock.begin(window, steps);
  const results = await optimizeLatents({
    objective,
    space,
    start: again?.start ?? (await startOf(run, drivers, finished)),
    steps,
    frame: count,
    optimizer: settings.optimizer,
    carriedOver: finished.carriedOver,
    random: randomStream(settings.seed, 'latent noise', first),
    noise,
    noiseUse,
    earlyStopping: settings.earlyStopping || undefined,
    readEvery: settings.readEvery,
    programs,
    driverFrames: drivers.map(({ index }) => index),
    signal: options.signal,
    onStep: ({ step, losses }) => clock.step(window, step, steps, losses),
  });
  const latents = await latentsOf(run, results);
  return results.map(({ noise: maps, carriedOver, ...rest }, i) => {
    const carries = Object.keys(carriedOver).length > 0 && count + i < learningFrames;
    const trained = Object.keys(maps).length > 0 ? { noise: maps } : {};
    const drawn = typeof options.noiseMaps === 'object' && options.noiseMaps.after === 'keep' ? trained : {};
    return {
      index: first + i,
      driverIndex: drivers[i]!.index,
      latent: { ...latents[i]!, ...drawn, shot: drivers[i]!.shot },
      ...(first + i === 0 && run.from ? ofLook(run.from) : {}),
      ...rest,
      ...(carries ? { carriedOver } : {}),
      ...trained,
      origin: { ...run.origin, driver: run.driver.hashes.get(drivers[i]!.index) },
    };
  });
}

/** What frame 0 keeps of the projected look, for runs that are resumed. */
function ofLook({ latent, carriedOver }: LookStart): Partial<ProjectedFrame> {
  const learnt = Object.keys(carriedOver ?? {}).length > 0;
  return { lookLatent: latent, ...(learnt && { lookCarriedOver: carriedOver }) };
}

function latentTensor({ data, numWs, wDim }: Latent): tf.Tensor3D {
  return tf.tensor3d(data, [1, numWs, wDim]);
}

/** The noise maps of a window, and whether they are trained; none if the run does not optimise noise maps. */
function noiseOf(
  { options, settings }: SequenceRun,
  before: WindowPlace['noise'],
): { noise?: HostTensors; noiseUse?: NoiseUse } {
  const { generator, noiseMaps } = options;
  if (typeof noiseMaps !== 'object') return {};
  const values = before ?? noiseMaps.initial;
  const drawn = (name: string, size: number) =>
    Float32Array.from(randomStream(settings.seed, 'noise map', name).randn(size));
  const noise = Object.fromEntries(
    Object.entries(generator.noiseMaps).map(([name, { shape, size }]) => [
      name,
      { shape, data: values?.[name] ?? drawn(name, size) },
    ]),
  );
  if (!before) return { noise, noiseUse: 'train' };
  return { noise, noiseUse: noiseMaps.after === 'keep' ? 'fixed' : 'count' };
}

/** Maps coordinates to latents in W+. */
async function latentsOf(
  { space, options: { generator } }: SequenceRun,
  results: readonly { coordinates: Float32Array }[],
) {
  const { numWs, wDim } = generator;
  const latents = results.map(async ({ coordinates }) => {
    const ws = tf.tidy(() => space.toWs(tf.tensor3d(coordinates, [1, ...space.shape])));
    return { numWs, wDim, data: await read(ws) };
  });
  return await Promise.all(latents);
}

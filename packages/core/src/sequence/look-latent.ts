import { FaceanimError, randomStream, read, type TensorBag } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Latent } from '../contracts/frames';
import type { AlignedFrame } from '../landmarks/track';
import { type LatentSpace, withOffset } from '../latents/latent-space';
import { createObjective } from '../optimization/objective';
import { type OptimizedLatent, optimizeLatents } from '../optimization/optimize-latents';
import { stepPrograms } from '../optimization/step-programs';
import { termWeights } from '../optimization/term-weights';
import { adam } from '../optimizers/adam';
import type { Optimizer } from '../optimizers/optimizer';
import type { LookProblem } from './kept-looks';
import type { LookRun, LookStart, ProjectedLook } from './run';

/** Share of the steps in which all layers move together. The others add what one w for all layers cannot draw. */
const together = 0.5;

/** Learning rate of the layers, in whitened coordinates. */
const layerRate = 0.03;

/** Where the frames of a run start, and the space around it in which they move. */
export interface StartAtLook {
  readonly space: LatentSpace;
  readonly from: LookStart;
}

/**
 * Starts a run at its projected look.
 *
 * @param run in whitened W.
 * @param frame the look as a driver frame.
 * @param owned gets what has to be disposed.
 */
export function startAtLook(
  { space: all }: Pick<LookRun, 'space'>,
  frame: AlignedFrame,
  { latent, carriedOver }: ProjectedLook,
  owned: TensorBag,
): StartAtLook {
  const space = owned.use(withOffset(all, layerOffsets(latent), latent.numWs));
  return { space, from: { latent, coordinates: space.fromWs(latent.data), frame, carriedOver } };
}

/**
 * Projects the look with the losses of the run, as if it were a driver frame that shows the look itself: at first with one w for
 * all layers, then each layer on its own.
 *
 * @param run in whitened W.
 * @param frame the look as a driver frame.
 * @param layers the whitened W+ of the generator.
 * @throws {FaceanimError} as `optimizeLatents` does, without a frame; `diverged` says that it was the look.
 */
export async function projectLook(
  run: LookRun,
  frame: AlignedFrame,
  layers: LatentSpace,
): Promise<ProjectedLook> {
  const { numWs, wDim } = run.options.generator;
  const { optimizer } = run.settings;
  const [first, second] = phasesOf(run);
  run.clock.look(-1);
  const start = (await run.guess?.(frame)) ?? run.space.origin;
  const common = await solve(run, frame, { ...first, space: run.space, optimizer, start });
  const { coordinates, carriedOver } = common;
  const spread = layers.origin.map((_, i) => coordinates[i % coordinates.length]!);
  // quasiNewton would keep a matrix of thousands of coordinates.
  const own = { ...second, space: layers, optimizer: adam({ learningRate: layerRate }), start: spread };
  const found = own.steps > 0 ? (await solve(run, frame, own)).coordinates : spread;
  const ws = tf.tidy(() => layers.toWs(tf.tensor3d(found, [1, ...layers.shape])));
  return { latent: { numWs, wDim, data: await read(ws) }, carriedOver };
}

/**
 * What {@link projectLook} depends on.
 *
 * @param look a hash of its pixels.
 */
export async function lookProblem(run: LookRun, frame: AlignedFrame, look: string): Promise<LookProblem> {
  const { options, settings, prepared, mean } = run;
  const { optimizer, seed, steps, stop } = settings;
  const { encoder, noiseMaps } = options;
  const context = { index: 0, drivers: [frame], look: run.look, mean, memo: prepared.memo };
  const terms = settings.losses.filter((term) => term.applies?.(context) ?? true);
  const units = await run.units();
  const weights = phasesOf(run).flatMap(({ steps, encoded }) =>
    Array.from({ length: steps }, (_, step) =>
      termWeights(terms, { frame: 0, encoded, driverIndex: 0, units }, { step, steps }),
    ),
  );
  // A session has one encoder, which a run may do without, and perhaps no backend of its own.
  const others = [
    look,
    encoder !== undefined,
    tf.getBackend(),
    seed,
    steps.look,
    stop?.resolution,
    noiseMaps,
  ];
  return { optimizer, terms, facts: JSON.stringify([...others, weights]) };
}

/** Steps of a projection in which its space stays the same. */
interface Phase {
  readonly steps: number;
  /** Steps taken before. */
  readonly before: number;
  /** Whether it starts at an encoder's guess or where the phase before ended. */
  readonly encoded: boolean;
}

function phasesOf({ settings: { steps }, guess }: LookRun): readonly [Phase, Phase] {
  const first = Math.ceil(steps.look * together);
  return [
    { steps: first, before: 0, encoded: guess !== undefined },
    { steps: steps.look - first, before: first, encoded: true },
  ];
}

interface Problem extends Phase {
  readonly space: LatentSpace;
  readonly optimizer: Optimizer;
  readonly start: Float32Array;
}

async function solve(
  run: LookRun,
  frame: AlignedFrame,
  { space, optimizer, start, steps, before, encoded }: Problem,
): Promise<OptimizedLatent> {
  const { options, settings, clock } = run;
  using objective = createObjective({
    terms: settings.losses,
    generator: options.generator,
    frame: { index: 0, drivers: [frame], look: run.look, mean: run.mean },
    space,
    noiseMode: options.noiseMaps === 'none' ? 'none' : 'const',
    resolution: settings.stop?.resolution,
    encoded,
    units: await run.units(),
    runMemo: run.prepared,
  });
  // Frame 0 has the same terms and shapes, by which programs are cached, but another space.
  using programs = stepPrograms(options.backend);
  const optimized = optimizeLatents({
    ...{ objective, space, optimizer, start, steps, programs },
    random: randomStream(settings.seed, 'latent noise of the look', before),
    readEvery: settings.readEvery,
    signal: options.signal,
    onStep: ({ step, losses }) => clock.look(before + step, losses),
  });
  const [result] = await optimized.catch((error) => {
    throw ofLook(error, before);
  });
  return result!;
}

/** An error of the look, which would name frame 0 of the driver, and its step without those taken before. */
function ofLook(error: unknown, before: number): unknown {
  if (!FaceanimError.isInstance(error)) return error;
  const { code, message, hint, step } = error;
  const text = code === 'diverged' ? `The look could not be projected. ${message}` : message;
  return new FaceanimError(code, text, {
    cause: error,
    hint,
    step: step === undefined ? step : before + step,
  });
}

/** How far each layer of a latent is from their mean, `[numWs, wDim]`. */
function layerOffsets({ data, numWs, wDim }: Latent): Float32Array {
  const mean = new Float32Array(wDim);
  for (let i = 0; i < data.length; i++) mean[i % wDim]! += data[i]! / numWs;
  return data.map((value, i) => value - mean[i % wDim]!);
}

import { type HostTensor, pause, randomStream, type StepProgram, toByte } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { throwIfRunAborted } from '../abort';
import type { TargetedFrame } from '../contracts/motion-target';
import { diverged } from '../optimization/frame-record';
import { openSteps } from '../optimization/optimize-latents';
import { type LiveObjectives, liveObjectives } from './live-objectives';
import type { LiveRun } from './live-run';

/** A latent and its picture. */
export interface DrawnLatent {
  /** In the space of the run. */
  readonly coordinates: Float32Array;
  /** The latent in W+, `[numWs * wDim]`. */
  readonly ws: Float32Array;
  /** Pixels of the picture, 0..255 but not clamped. */
  readonly pixels: Float32Array;
}

/** The steps of a frame that were taken, or sent to the device. */
export interface Solved {
  readonly result: Promise<DrawnLatent>;
}

/** Finds the latents of live frames, one after the other. */
export interface LiveSolver {
  /**
   * Takes steps towards a frame. A device goes on working after that; wait for the result before the next frame.
   *
   * @param begins whether it starts at the look, and not at the frame before.
   * @throws {FaceanimError} `aborted`; the result throws `diverged`. The next frame then starts at the look.
   */
  solve(frame: TargetedFrame, begins: boolean, steps: number, signal?: AbortSignal): Promise<Solved>;
  /** Draws the look. */
  drawLook(): Promise<DrawnLatent>;
  /** Forgets all frames. */
  restart(): void;
}

/** The steps, the picture and the state of the optimizer stay on the device; all that is read is one tensor per frame. */
export function liveSolver(run: LiveRun): LiveSolver {
  const { options, settings, space, programs, guess, from } = run;
  const { generator } = options;
  const { optimizer } = settings;
  let objectives: LiveObjectives | undefined;
  let drawing: StepProgram | undefined;
  let last: { frame: TargetedFrame; coordinates: Float32Array; program: StepProgram } | undefined;

  const startOf = async (frame: TargetedFrame, begins: boolean): Promise<Float32Array> => {
    const before = last && !begins ? last : from;
    if (!guess) return before.coordinates;
    const [then, now] = [await guess(before.frame), await guess(frame)];
    return before.coordinates.map((x, i) => x + now[i]! - then[i]!);
  };

  /** Draws coordinates, and returns their latent as a tensor that is valid until it is called again. */
  const draw = (coordinates: tf.Tensor | HostTensor) => {
    const program = programs.open('draw', drawingOf(run), { coordinates });
    program.run();
    return program;
  };
  const drawn = async (program: StepProgram): Promise<DrawnLatent> => {
    const all = await program.read('all');
    const pixels = generator.resolution ** 2 * 3;
    const latent = pixels + generator.numWs * generator.wDim;
    return {
      pixels: all.subarray(0, pixels),
      ws: all.slice(pixels, latent),
      coordinates: all.slice(latent),
    };
  };
  const resultOf = async (
    frame: TargetedFrame,
    steps: number,
    program: StepProgram,
    picture: StepProgram,
  ) => {
    const result = await drawn(picture);
    if (!result.coordinates.every(Number.isFinite)) {
      drawing = undefined;
      throw diverged('The latent is not finite', { frame: frame.index, step: steps });
    }
    last = { frame, coordinates: result.coordinates, program };
    return result;
  };
  const drawLook = () => draw({ shape: [1, ...space.shape], data: from.coordinates });

  return {
    async solve(frame, begins, steps, signal) {
      const start = await startOf(frame, begins);
      const before = last?.program;
      last = undefined;
      // Where the steps start, the picture of the frame before is still the last one drawn.
      const previous = (drawing ??= drawLook()).tensor('ws');
      objectives ??= liveObjectives(run, await run.units());
      using objective = objectives(frame, previous);
      using taken = openSteps({
        ...{ objective, space, optimizer, start, steps, programs, before },
        frame: 1,
        carriedOver: from.carriedOver,
        random: randomStream(settings.seed, 'latent noise of a live frame', frame.index),
      });
      let lastPause = performance.now();
      for (let step = 0; step < steps; step++) {
        throwIfRunAborted(signal, { frame: frame.index, step });
        taken.step(step);
        if (performance.now() - lastPause > 30) {
          await pause();
          lastPause = performance.now();
        }
      }
      const program = taken.program!;
      drawing = draw(program.tensor('coordinates'));
      return { result: resultOf(frame, steps, program, drawing) };
    },
    drawLook: () => drawn((drawing = drawLook())),
    restart: () => {
      last = undefined;
      drawing = undefined;
    },
  };
}

/** Draws coordinates, and returns all that is read as one tensor: the picture, the latent and the coordinates. */
const drawingOf =
  ({ options, space }: LiveRun) =>
  ({ coordinates }: tf.NamedTensorMap): tf.NamedTensorMap => {
    const ws = space.toWs(coordinates!);
    const parts = [toByte(options.generator.synthesis(ws), 'signed'), ws, coordinates!];
    return { ws, all: tf.concat1d(parts.map((part) => tf.reshape(part, [-1]) as tf.Tensor1D)) };
  };

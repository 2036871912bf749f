import {
  bytesOf,
  type HostTensor,
  packBytes,
  pause,
  randomStream,
  type StepProgram,
  throwIfAborted,
  toByte,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { TargetedFrame } from '../contracts/motion-target';
import type { Drawn } from '../optimization/evaluation';
import { diverged } from '../optimization/frame-record';
import { openSteps } from '../optimization/optimize-latents';
import { type LiveObjectives, liveObjectives } from './live-objectives';
import type { LiveRun } from './live-run';

/** A latent and its picture. */
export interface DrawnLatent {
  /** From which to go on, in the space of the run. */
  readonly coordinates: Float32Array;
  /** The latent of the picture in W+, `[numWs * wDim]`. */
  readonly ws: Float32Array;
  /** Bytes of the picture. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
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

/**
 * The steps and the state of the optimizer stay on the device; all that is read per frame is its picture and its latent. The picture of a frame is
 * the one from which its last step was taken, which follows as well and saves drawing another one. Not so after a single step:
 * the frame would show nothing of it.
 */
export function liveSolver(run: LiveRun): LiveSolver {
  const { options, settings, space, programs, guess, from } = run;
  const { generator } = options;
  const { optimizer } = settings;
  let objectives: LiveObjectives | undefined;
  /** The program that has drawn what was shown last. */
  let shown: StepProgram | undefined;
  let last: { frame: TargetedFrame; coordinates: Float32Array; program: StepProgram } | undefined;

  const startOf = async (frame: TargetedFrame, begins: boolean): Promise<Float32Array> => {
    const before = last && !begins ? last : from;
    if (!guess) return before.coordinates;
    const [then, now] = [await guess(before.frame), await guess(frame)];
    return before.coordinates.map((x, i) => x + now[i]! - then[i]!);
  };

  const draw = (coordinates: tf.Tensor | HostTensor): StepProgram => {
    const step = ({ coordinates }: tf.NamedTensorMap) => {
      const ws = space.toWs(coordinates!);
      return shownOf({ image: generator.synthesis(ws), ws }, coordinates!);
    };
    const program = programs.open('draw', step, { coordinates });
    program.run();
    return program;
  };
  const drawLook = () => draw({ shape: [1, ...space.shape], data: from.coordinates });
  const read = async (program: StepProgram): Promise<DrawnLatent> => {
    // Both at once: a GPU takes about as long to answer one read as several.
    const [picture, latent] = await Promise.all([
      program.read<Float32Array | Int32Array>('picture'),
      program.read('latent'),
    ]);
    const size = generator.numWs * generator.wDim;
    return {
      pixels: bytesOf(picture),
      ws: latent.slice(0, size),
      coordinates: latent.slice(size),
    };
  };
  const resultOf = async (
    frame: TargetedFrame,
    steps: number,
    program: StepProgram,
    picture: StepProgram,
  ) => {
    const result = await read(picture);
    if (!result.coordinates.every(Number.isFinite)) {
      shown = undefined;
      throw diverged('The latent is not finite', { frame: frame.index, step: steps });
    }
    last = { frame, coordinates: result.coordinates, program };
    return result;
  };

  return {
    async solve(frame, begins, steps, signal) {
      const start = await startOf(frame, begins);
      const before = last?.program;
      last = undefined;
      const previous = (shown ??= drawLook()).tensor('ws');
      objectives ??= liveObjectives(run, await run.units());
      using objective = objectives(frame, previous);
      using taken = openSteps({
        ...{ objective, space, optimizer, start, steps, programs, before },
        frame: 1,
        carriedOver: from.carriedOver,
        random: randomStream(settings.seed, 'latent noise of a live frame', frame.index),
        outputs: shownOf,
      });
      let lastPause = performance.now();
      for (let step = 0; step < steps; step++) {
        throwIfAborted(signal, { frame: frame.index, step });
        taken.step(step);
        if (performance.now() - lastPause > 30) {
          await pause();
          lastPause = performance.now();
        }
      }
      const program = taken.program!;
      shown = steps > 1 ? program : draw(program.tensor('coordinates'));
      return { result: resultOf(frame, steps, program, shown) };
    },
    drawLook: () => read((shown = drawLook())),
    restart: () => {
      last = undefined;
      shown = undefined;
    },
  };
}

/** All that is read of a frame: the picture, and the latent that it shows with the coordinates from which to go on. */
function shownOf({ image, ws }: Drawn, coordinates: tf.Tensor): tf.NamedTensorMap {
  const latent = [ws, coordinates].map((part) => tf.reshape(part, [-1]) as tf.Tensor1D);
  return { ws: tf.clone(ws), picture: packBytes(toByte(image, 'signed')), latent: tf.concat1d(latent) };
}

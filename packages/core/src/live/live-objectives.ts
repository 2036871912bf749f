import { type ImageTensor, mapTensors, type StepFunction } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { TargetedFrame } from '../contracts/motion-target';
import { movePoints } from '../images/move-points';
import { drawTarget } from '../losses/draw-target';
import { poseOf } from '../losses/posed-look';
import { createObjective, type Objective } from '../optimization/objective';
import type { TermUnits } from '../optimization/term-units';
import type { LiveRun } from './live-run';

/** What is made of a frame before its terms prepare. */
interface Targets {
  readonly maps: tf.Tensor4D;
  readonly posed: ImageTensor<'signed'>;
}

/** Makes the objective of a live frame. The caller disposes it before the next one. */
export type LiveObjectives = (frame: TargetedFrame, previous: tf.Tensor) => Objective;

/**
 * The objectives of live frames. Where all that the terms prepare are target landmarks and the posed look, they do so in a program, which backends
 * may record: one by one, its operations would take as much JavaScript as two steps.
 */
export function liveObjectives(run: LiveRun, units: TermUnits): LiveObjectives {
  const { options, settings, space, mean, look, prepared: runMemo, programs, heatmapShape, lookFace } = run;
  const objectiveOf = (frame: TargetedFrame, previous: tf.Tensor, { maps, posed }: Partial<Targets> = {}) =>
    createObjective({
      terms: settings.losses,
      generator: options.generator,
      // Every frame has one before it, so that all take the same program.
      frame: {
        ...{ index: 1, drivers: [frame], look, previous, mean },
        heatmapShape: heatmapShape && { ...heatmapShape, maps },
        lookFace: lookFace && { ...lookFace, posed },
      },
      ...{ space, encoded: true, units, runMemo },
    });
  const recordable = settings.losses.every(({ prepare, preparesTargets }) => !prepare || preparesTargets);
  if (!heatmapShape || !lookFace || !recordable) return objectiveOf;

  let known: Objective | undefined;
  return (frame, previous) => {
    const prepare: StepFunction = ({ pose }) => {
      const targets = tf.transpose(tf.slice(pose as tf.Tensor2D, [0, 0], [2, -1]));
      using objective = objectiveOf(frame, previous, {
        maps: drawTarget(heatmapShape, targets),
        posed: movePoints(look!, pose as tf.Tensor2D),
      });
      known = objective;
      const { previous: _, ...prepared } = objective.inputs;
      return mapTensors(prepared, (tensor) => tf.clone(tensor));
    };
    const program = programs.open('targets', prepare, { pose: poseOf(lookFace, frame) });
    program.run();
    // All frames have the same objective, of other inputs.
    const { previous: _, ...names } = known!.inputs;
    const inputs = Object.fromEntries(Object.keys(names).map((name) => [name, program.tensor(name)]));
    return { ...known!, inputs: { previous, ...inputs }, [Symbol.dispose]: () => {} };
  };
}

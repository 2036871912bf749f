import { mapTensors, type StepFunction } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { TargetedFrame } from '../contracts/motion-target';
import { drawTarget } from '../losses/draw-target';
import { createObjective, type Objective } from '../optimization/objective';
import type { TermUnits } from '../optimization/term-units';
import type { LiveRun } from './live-run';

/** Makes the objective of a live frame. The caller disposes it before the next one. */
export type LiveObjectives = (frame: TargetedFrame, previous: tf.Tensor) => Objective;

/**
 * The objectives of live frames. Where all that the terms prepare are target landmarks, they do so in a program, which backends
 * may record: one by one, its operations would take as much JavaScript as two steps.
 */
export function liveObjectives(run: LiveRun, units: TermUnits): LiveObjectives {
  const { options, settings, space, mean, look, prepared: runMemo, programs, heatmapShape } = run;
  const objectiveOf = (frame: TargetedFrame, previous: tf.Tensor, maps?: tf.Tensor4D) =>
    createObjective({
      terms: settings.losses,
      generator: options.generator,
      // Every frame has one before it, so that all take the same program.
      frame: {
        ...{ index: 1, drivers: [frame], look, previous, mean },
        heatmapShape: heatmapShape && { ...heatmapShape, maps },
      },
      ...{ space, encoded: true, units, runMemo },
    });
  // Terms that have both prepare for the run: the look of a live frame is not posed.
  const recordable = settings.losses.every(
    ({ prepare, prepareForRun, preparesTargets }) => !prepare || prepareForRun || preparesTargets,
  );
  if (!heatmapShape || !recordable) return objectiveOf;

  let known: Objective | undefined;
  return (frame, previous) => {
    const prepare: StepFunction = ({ maps }) => {
      using objective = objectiveOf(frame, previous, maps as tf.Tensor4D);
      known = objective;
      const { previous: _, ...prepared } = objective.inputs;
      return mapTensors(prepared, (tensor) => tf.clone(tensor));
    };
    const program = programs.open('targets', prepare, { maps: drawTarget(frame, heatmapShape) });
    program.run();
    // All frames have the same objective, of other inputs.
    const { previous: _, ...names } = known!.inputs;
    const inputs = Object.fromEntries(Object.keys(names).map((name) => [name, program.tensor(name)]));
    return { ...known!, inputs: { previous, ...inputs }, [Symbol.dispose]: () => {} };
  };
}

import {
  type Backend,
  eagerProgram,
  type HostTensor,
  type StepFunction,
  type StepProgram,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Inputs of a program by name: tensors, or arrays in host memory, which reach a known program without a tensor. */
export type ProgramInputs = Readonly<Record<string, tf.Tensor | HostTensor>>;

/** The step programs of a run, by the structure of the step. They share networks, terms and options. */
export interface StepPrograms extends Disposable {
  /** Returns the program of a structure, cached or new, and sets its inputs. It belongs to the cache. */
  open(structure: string, step: StepFunction, inputs: ProgramInputs): StepProgram;
}

/**
 * A least-recently-used cache of step programs: those of the backend, or {@link eagerProgram}s if it has none.
 *
 * @param limit the most programs to keep. A run needs one for each set of terms with a weight, for its first frame and for
 *   later frames.
 */
export function stepPrograms(backend?: Backend, limit = 4): StepPrograms {
  const programs = new Map<string, StepProgram>();
  const close = (structure: string) => {
    programs.get(structure)?.[Symbol.dispose]();
    programs.delete(structure);
  };
  const create = (step: StepFunction, inputs: ProgramInputs): StepProgram => {
    const uploaded: tf.Tensor[] = [];
    const upload = (value: tf.Tensor | HostTensor): tf.Tensor => {
      if (value instanceof tf.Tensor) return value;
      const tensor = tf.tensor(value.data, [...value.shape]);
      uploaded.push(tensor);
      return tensor;
    };
    try {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [name, upload(value)]),
      );
      return backend?.program?.(step, tensors) ?? eagerProgram(step, tensors);
    } finally {
      tf.dispose(uploaded);
    }
  };
  return {
    open(structure, step, inputs) {
      const known = programs.get(structure);
      for (const [name, value] of Object.entries(inputs))
        known?.write(name, value instanceof tf.Tensor ? value : value.data);
      const program = known ?? create(step, inputs);
      // A map keeps insertion order: the first entry is the least recently used.
      programs.delete(structure);
      programs.set(structure, program);
      if (programs.size > limit) close([...programs.keys()][0]!);
      return program;
    },
    [Symbol.dispose]: () => {
      for (const structure of [...programs.keys()]) close(structure);
    },
  };
}

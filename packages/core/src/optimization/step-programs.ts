import { type Backend, eagerProgram, type StepFunction, type StepProgram } from '@faceanim/tensor';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';

/** The step programs of a run, by the structure of the step. They share networks, terms and options. */
export interface StepPrograms extends Disposable {
  /** Returns the program of a structure, cached or new, and sets its inputs. It belongs to the cache. */
  open(structure: string, step: StepFunction, inputs: NamedTensorMap): StepProgram;
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
  return {
    open(structure, step, inputs) {
      const known = programs.get(structure);
      for (const [name, value] of Object.entries(inputs)) known?.write(name, value);
      const program = known ?? backend?.program?.(step, inputs) ?? eagerProgram(step, inputs);
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

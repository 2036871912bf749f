import { type Backend, eagerProgram, type StepFunction, type StepProgram } from '@faceanim/tensor';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';

/** The step programs of one run, which share networks, terms and options, by the structure of the step. */
export interface StepPrograms extends Disposable {
  /** The program of a structure with these inputs: the one that is there, or a new one. It stays the cache's. */
  open(structure: string, step: StepFunction, inputs: NamedTensorMap): StepProgram;
}

/**
 * A cache of step programs: those of the backend, or, where it has none, {@link eagerProgram}s.
 *
 * @param limit how many are kept, those used last. A run needs one for every set of terms with a weight, for its first
 *   frame and for the later ones.
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
      // A map keeps the order of insertion: the first is the one that was used longest ago.
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

import type { NamedTensorMap } from '@tensorflow/tfjs-core';

/**
 * One step of an iteration as a function of named tensors, whose shapes stay the same. A backend may record it and never
 * call it again (see {@link StepProgram}), so everything that changes from step to step must be an input: values read
 * from elsewhere count as constants.
 */
export type StepFunction = (inputs: NamedTensorMap) => NamedTensorMap;

/**
 * A {@link StepFunction} that is ready to run, with the current values of its inputs. An output with the name of an input
 * becomes its next value, so state never leaves the device.
 */
export interface StepProgram extends Disposable {
  /**
   * Sets an input to a new value of the same shape. A tensor is copied; the caller still owns it.
   *
   * @throws {FaceanimError} `invalid-option` for a value of another shape or type.
   */
  write(input: string, value: Float32Array | NamedTensorMap[string]): void;
  /** Runs the step once. */
  run(): void;
  /** Reads the value of an input, or of an output of the last run; that of an int32 tensor as an `Int32Array`. */
  read<T extends Float32Array | Int32Array = Float32Array>(name: string): Promise<T>;
  /** The same as a tensor, to be written to another program. The program owns it; it is valid until the next run. */
  tensor(name: string): NamedTensorMap[string];
}

import type { NamedTensorMap } from '@tensorflow/tfjs-core';

/**
 * A function of named tensors whose shapes stay the same. It may run once for many steps (see {@link StepProgram}), so
 * whatever changes from step to step must be one of its inputs: numbers it reads from elsewhere are taken as constants.
 */
export type StepFunction = (inputs: NamedTensorMap) => NamedTensorMap;

/**
 * A {@link StepFunction} together with the values of its inputs. An output named like an input becomes the next value of
 * that input, so that state goes round without leaving the device.
 */
export interface StepProgram extends Disposable {
  /** Gives an input a new value of the same shape. A tensor is copied and stays the caller's. */
  write(input: string, value: Float32Array | NamedTensorMap[string]): void;
  /** Runs the function once. */
  run(): void;
  /** The value of an input, or of an output of the last run. */
  read(name: string): Promise<Float32Array>;
  /** The same as a tensor, which is the program's own and good until its next run: to be written to another program. */
  tensor(name: string): NamedTensorMap[string];
}

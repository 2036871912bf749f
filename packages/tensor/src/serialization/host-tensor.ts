/** A tensor in host memory, as 32-bit floats. */
export interface HostTensor {
  readonly shape: readonly number[];
  /** Values in row-major order. */
  readonly data: Float32Array;
}

/** The weights of one network by name, in the layout of the checkpoint (PyTorch: OIHW filters). */
export type Weights = ReadonlyMap<string, HostTensor>;

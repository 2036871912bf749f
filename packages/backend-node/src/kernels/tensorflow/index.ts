import { activations } from './activations';
import { channels } from './channels';
import { frozenConv } from './frozen-conv';
import { registerNativeKernels } from './native';

/**
 * Gives tfjs-node the fused operations of the SDK (`fusedKernel`) that TensorFlow has an operation for, or takes them off
 * again.
 */
export function registerTensorflowKernels(use = true): void {
  registerNativeKernels({ ...activations, ...channels, ...frozenConv }, use);
}

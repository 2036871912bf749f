import { activations } from './activations';
import { channels } from './channels';
import { dense } from './dense';
import { frozenConv } from './frozen-conv';
import { registerNativeKernels } from './native';

/** Registers the fused kernels of tfjs-node in tfjs' global registry, or unregisters them if not `use`. */
export function registerTensorflowKernels(use = true): void {
  registerNativeKernels({ ...activations, ...channels, ...dense, ...frozenConv }, use);
}

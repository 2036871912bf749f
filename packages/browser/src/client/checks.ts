import {
  accepting,
  aFunction,
  anAbortSignal,
  anything,
  bagOf,
  either,
  having,
  type OptionChecks,
  oneOf,
} from '@faceanim/tensor/options';
import type { NetworkFiles, WorkerProjectorOptions } from '../options';

const weights = accepting(
  'a file of weights or its address',
  (value) => typeof value === 'string' || value instanceof URL || value instanceof Blob,
);

/** Checks of the options of `createWorkerProjector`. The worker checks what the loaders take. */
export const projectorChecks: OptionChecks<WorkerProjectorOptions> = {
  models: either(
    "'avatar' or files of networks",
    oneOf('avatar'),
    bagOf<NetworkFiles>(
      { generator: weights, landmarkNet: weights, perceptual: anything, encoder: weights },
      'generator',
      'landmarkNet',
    ),
  ),
  avatar: bagOf<NonNullable<WorkerProjectorOptions['avatar']>>({
    checkpointing: anything,
    fanModules: anything,
    folder: anything,
  }),
  backend: accepting("an object such as { prefer: 'wasm' }", (value) => typeof value === 'object'),
  worker: having('a Worker', 'postMessage', 'terminate'),
  signal: anAbortSignal,
  onProgress: aFunction,
};

/**
 * Readers of checkpoint files: PyTorch, NVIDIA network pickles, safetensors, numpy. None executes what it reads.
 *
 * @module @faceanim/models/checkpoints
 */
export type { CheckpointSource } from './bytes/byte-source';
export {
  type Checkpoint,
  type OpenCheckpointOptions,
  openCheckpoint,
  type RawTensor,
  type ReadOptions,
} from './checkpoint';
export { type CheckpointKind, checkpointKind } from './checkpoint-kind';
export type { NetworkDescription } from './format';
export type { TensorEntry } from './tensor-entry';
export type { PickleLimits } from './torch/pickle';

import type { ProjectedFrame } from '../contracts/frames';
import type { TargetedFrame } from '../contracts/motion-target';

/**
 * A frame of {@link projectSequence}, with the driver frame that it follows.
 *
 * @category Run
 */
export interface SequenceFrame extends ProjectedFrame {
  /** The aligned driver frame, with its target landmarks if there is a target; its `index` is the one in the driver. */
  readonly driver: TargetedFrame;
}

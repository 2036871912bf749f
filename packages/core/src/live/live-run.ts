import type { TargetHeatmapShape } from '../losses/loss-term';
import type { LookStart, RunBase } from '../sequence/run';

/** What the frames of a live session share. */
export interface LiveRun extends RunBase {
  readonly from: LookStart;
  /** Present if the frames have target landmarks. */
  readonly heatmapShape: TargetHeatmapShape | undefined;
}

import type { LookFace, TargetHeatmapShape } from '../losses/loss-term';
import type { LookStart, RunBase } from '../sequence/run';

/** What the frames of a live session share. */
export interface LiveRun extends RunBase {
  readonly from: LookStart;
  /** Present if the frames have target landmarks, as is the next. */
  readonly heatmapShape: TargetHeatmapShape | undefined;
  readonly lookFace: LookFace | undefined;
}

import type { SequenceFrame } from '@faceanim/core';
import { lineChart } from './line-chart';

/** What the losses of a frame were while it was optimised. */
export type ObjectiveHistory = Pick<SequenceFrame, 'history' | 'steps'>;

type Points = [step: number, total: number][];

/** The objective of every step, frame after frame, and where each frame ended. */
export function objectiveOf(frames: readonly ObjectiveHistory[]): { steps: Points; ends: Points } {
  const steps: Points = [];
  const ends: Points = [];
  let before = 0;
  for (const { history, steps: count } of frames) {
    for (const { step, total } of history) steps.push([before + step, total]);
    if (history.length > 0) ends.push(steps.at(-1)!);
    before += count;
  }
  return { steps, ends };
}

/** {@link objectiveOf} as a PNG. */
export function lossCurve(frames: readonly ObjectiveHistory[]): Promise<Buffer> {
  const { steps, ends } = objectiveOf(frames);
  const series = [
    { label: 'each step', points: steps },
    { label: 'end of each frame', points: ends },
  ];
  return lineChart(series, {
    title: 'Objective over all steps',
    xLabel: 'step',
    yLabel: 'objective',
    log: true,
  });
}

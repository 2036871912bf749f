import type { SequenceFrame } from '@faceanim/core';
import { lineChart } from './line-chart';

/** The objective of every step, frame after frame, and where each frame ended, as a PNG. */
export function lossCurve(frames: readonly Pick<SequenceFrame, 'history' | 'steps'>[]): Promise<Buffer> {
  const every: [step: number, total: number][] = [];
  const last: [step: number, total: number][] = [];
  let before = 0;
  for (const { history, steps } of frames) {
    for (const { step, total } of history) every.push([before + step, total]);
    if (history.length > 0) last.push(every.at(-1)!);
    before += steps;
  }
  const series = [
    { label: 'each step', points: every },
    { label: 'end of each frame', points: last },
  ];
  return lineChart(series, {
    title: 'Objective over all steps',
    xLabel: 'step',
    yLabel: 'objective',
    log: true,
  });
}

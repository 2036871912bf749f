import type { ProjectedFrame } from '@faceanim/core';
import type { RunFolder } from '../../src/run/open-run';
import { newRecord } from '../../src/run/record';

/** The record of a run of every second driver frame, from the fifth. */
export const record = (settings: object = {}, contents: object = {}) =>
  newRecord(
    {
      settings: { '--seed': '1', ...settings },
      contents: { driver: 'aa', generator: 'bb', ...contents },
    },
    { command: 'animate', fps: 12.5, driverClock: { fps: 25, first: 4 } },
  );

/** A finished frame of it. */
export function frame(index: number, value = index, driverIndex = 4 + 2 * index): ProjectedFrame {
  return {
    index,
    driverIndex,
    latent: { numWs: 1, wDim: 2, data: Float32Array.of(value, value) },
    coordinates: Float32Array.of(value),
    losses: { total: value },
    history: [{ step: 0, total: value }],
    steps: 1,
    stopReason: 'steps',
    origin: { sdk: '0.0.0', settings: {}, mean: [] },
  };
}

/** The frames that a run goes on after. */
export async function finishedOf({ finished }: RunFolder): Promise<ProjectedFrame[]> {
  const frames: ProjectedFrame[] = [];
  for (let i = 0; i < finished.length; i++) frames.push((await finished.at(i))!);
  return frames;
}

/** Saves the latents of a complete run. */
export async function saveLatents(run: RunFolder, frames: readonly ProjectedFrame[]): Promise<void> {
  for (const each of frames) await run.collect(each);
  await run.saveLatents();
}

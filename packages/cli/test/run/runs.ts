import type { ProjectedFrame } from '@faceanim/core';
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

import type { ProjectedFrame } from '@faceanim/core';
import { deleteSavedFrames, openSavedFrames, savedRuns } from '../../src';

/** What the page found out. */
export interface SavedReport {
  /** Runs and numbers of their frames: at first, after two frames were saved, after a reload. */
  readonly seen: readonly (readonly [runs: readonly string[], frames: number])[];
  readonly sameLatent: boolean;
  readonly openTwice: unknown;
  /** Frames found while the tab before was still closing. */
  readonly waited: number;
  readonly wrongName: unknown;
  readonly runsInTheEnd: readonly string[];
}

const frame = (index: number): ProjectedFrame => ({
  ...{ index, driverIndex: index },
  latent: { numWs: 1, wDim: 2, data: Float32Array.of(index, 0.5) },
  coordinates: Float32Array.of(1),
  losses: { total: 1 },
  history: [],
  steps: 1,
  stopReason: 'steps',
  origin: { sdk: '1', settings: {}, mean: [0] },
});

/** Saves two frames, reloads, and finds them again. */
export default async function run(): Promise<SavedReport> {
  const seen: [string[], number][] = JSON.parse(sessionStorage.getItem('seen') ?? '[]');
  const look = async () => {
    await using saved = await openSavedFrames('smile');
    seen.push([await savedRuns(), saved.frames.length]);
    return saved.frames;
  };
  if (seen.length === 0) {
    await look();
    {
      await using saved = await openSavedFrames('smile');
      for (const index of [0, 1, 3]) await saved.save(frame(index));
    }
    await look();
    sessionStorage.setItem('seen', JSON.stringify(seen));
    location.reload();
    return new Promise(() => {});
  }
  const frames = await look();
  await using _open = await openSavedFrames('smile');
  const openTwice = await openSavedFrames('smile').catch(outcome);
  const wrongName = await openSavedFrames('a/b').catch(outcome);
  setTimeout(() => void _open[Symbol.asyncDispose](), 300);
  const { frames: waited, ...opened } = await openSavedFrames('smile');
  await opened[Symbol.asyncDispose]();
  await deleteSavedFrames('smile');
  await deleteSavedFrames('another');
  return {
    seen,
    sameLatent: JSON.stringify(frames[1]?.latent) === JSON.stringify(frame(1).latent),
    openTwice,
    waited: waited.length,
    wrongName,
    runsInTheEnd: await savedRuns(),
  };
}

function outcome({ code, message }: { code: string; message: string }) {
  return { code, message };
}

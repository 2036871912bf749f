import { deleteSavedFrames, openSavedFrames, savedRuns } from '@faceanim/browser';
import type { PreparedLook } from '@faceanim/core';
import { signal } from '@preact/signals';
import { del, get, set } from 'idb-keyval';
import type { Settings } from './settings';

/** What a run needs to go on after its tab was closed; its frames are saved by the worker. */
export interface SavedRun {
  /** Name of its frames: `saveAs`. */
  readonly id: string;
  readonly look: { readonly name: string; readonly source: Blob; readonly prepared: PreparedLook };
  readonly driver: { readonly name: string; readonly source: Blob };
  readonly settings: Settings;
  /** The number of its frames. */
  readonly total: number;
}

/** A run that was found when the page was opened, with the number of its finished frames. */
export const found = signal<(SavedRun & { readonly finished: number }) | undefined>(undefined);

const key = 'faceanim-studio';

/** Whether the browser keeps files for this page: not in private windows, nor without https. */
export async function canSave(): Promise<boolean> {
  try {
    await savedRuns();
    return true;
  } catch {
    return false;
  }
}

/** Looks for a run of an earlier visit. */
export async function findSaved(): Promise<void> {
  if (!(await canSave())) return;
  const run = await get<SavedRun>(key);
  if (!run || !(await savedRuns()).includes(run.id)) return;
  try {
    await using frames = await openSavedFrames(run.id);
    if (frames.frames.length > 0) found.value = { ...run, finished: frames.frames.length };
  } catch {
    // It runs in another tab, or cannot be read: then there is nothing to offer.
  }
}

/** Remembers a run, and forgets the one before. */
export async function remember(run: SavedRun): Promise<void> {
  const before = await get<SavedRun>(key);
  if (before && before.id !== run.id) await forget(before.id);
  await set(key, run);
}

/** Deletes a run. */
export async function forget(id: string): Promise<void> {
  if (found.value?.id === id) found.value = undefined;
  await del(key);
  await deleteSavedFrames(id);
}

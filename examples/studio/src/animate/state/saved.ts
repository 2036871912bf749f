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
const prefix = 'studio-';

/** Another name for the frames of a run. */
export const newId = () => `${prefix}${crypto.randomUUID()}`;

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
  try {
    const run = await get<SavedRun>(key);
    if (!run || !(await savedRuns()).includes(run.id)) return;
    await using frames = await openSavedFrames(run.id);
    if (frames.frames.length > 0) found.value = { ...run, finished: frames.frames.length };
  } catch {
    // It runs in another tab, or cannot be read, or this browser keeps nothing: then there is nothing to offer.
  }
}

/** Remembers a run in the place of those before. Returns whether it could: there may be no room for its driver. */
export async function remember(run: SavedRun): Promise<boolean> {
  if (found.value?.id !== run.id) found.value = undefined;
  try {
    for (const id of await savedRuns()) if (id !== run.id) await deleteFrames(id);
    await set(key, run);
    return true;
  } catch {
    return false;
  }
}

/** Deletes a run. */
export async function forget(id: string): Promise<void> {
  if (found.value?.id === id) found.value = undefined;
  await del(key);
  await deleteFrames(id);
}

/** Deletes the frames of a run, unless it runs in another tab. */
async function deleteFrames(id: string): Promise<void> {
  if (id.startsWith(prefix)) await deleteSavedFrames(id).catch(() => {});
}

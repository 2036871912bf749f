import { signal } from '@preact/signals';
import { projector } from '../../engine/engine';
import { face } from '../../look/designed';
import { look } from '../../look/look';
import { announce } from '../../ui/announcer';
import { latentsFile } from '../../ui/latents-file';
import { isCancelled, type Problem, problemOf } from '../../ui/problem';
import { saveFile } from '../../ui/save-file';
import { driver } from './driver';
import { factor } from './player';
import { fps, frames, method } from './run';
import { settings } from './settings';
import { settingsFile } from './settings-file';

export type VideoFormat = 'gif' | 'mp4' | 'webm';

/** The export that is under way, and how much of it is done. */
export const exporting = signal<{ readonly name: string; readonly fraction: number } | undefined>(undefined);
export const exportProblem = signal<Problem | undefined>(undefined);

let abort: AbortController | undefined;

/** Ends the export that is under way. */
export const cancelExport = () => abort?.abort();

/** Encodes the result, with the sound of the driver if the format has any. */
export function exportVideo(format: VideoFormat): Promise<void> {
  return download(`${baseName()}.${format}`, async (name, signal, onFraction) => {
    const open = await projector();
    const source = driver.value;
    return open.writeVideo({
      ...{ name, signal, factor: factor.value, method: method.value, fps: fps.value * factor.value },
      latents: frames.value.map(({ latent }) => latent),
      ...(format !== 'gif' && source?.info.sound && { audio: { source: source.source } }),
      onProgress: ({ fraction }) => onFraction(fraction),
    });
  });
}

/** Saves the latents for `faceanim render`. */
export function exportLatents(): Promise<void> {
  return download(`${baseName()}.safetensors`, async () => {
    return latentsFile(
      frames.value.map(({ latent }) => latent),
      fps.value,
    );
  });
}

/** Saves the settings: no pictures. */
export function exportSettings(): void {
  const text = settingsFile({ settings: settings.value, factor: factor.value, face: face.value });
  saveFile(new Blob([text], { type: 'application/json' }), 'faceanim-settings.json');
}

async function download(
  name: string,
  make: (
    name: string,
    signal: AbortSignal,
    onFraction: (fraction: number | undefined) => void,
  ) => Promise<Blob>,
): Promise<void> {
  abort?.abort();
  const controller = (abort = new AbortController());
  exportProblem.value = undefined;
  exporting.value = { name, fraction: 0 };
  try {
    const onFraction = (fraction = 0) => {
      if (abort === controller) exporting.value = { name, fraction };
    };
    announce(`Writing ${name}`);
    saveFile(await make(name, controller.signal, onFraction), name);
    announce(`${name} is saved`);
  } catch (error) {
    if (!isCancelled(error)) exportProblem.value = problemOf(error);
  } finally {
    if (abort === controller) exporting.value = undefined;
  }
}

/** A name from those of look and driver. */
function baseName(): string {
  const words = [look.value?.name, driver.value?.name].map((name = '') =>
    name
      .replace(/\.[^.]+$/, '')
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .toLowerCase(),
  );
  return words.filter(Boolean).join('-') || 'faceanim';
}

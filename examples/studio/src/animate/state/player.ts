import type { WorkerProjector } from '@faceanim/browser';
import { computed, effect, signal } from '@preact/signals';
import { engine } from '../../engine/engine';
import { bitmapOf, compress } from '../../ui/compressed';
import type { Frame } from './frame';
import { active, fps, frames, method } from './run';

/** Frames of the result for each optimised frame; those in between are interpolated. */
export const factor = signal(2);
/** The images of the result with those in between, for the frames and the factor that they were drawn with. */
const drawn = signal<{ of: readonly Frame[]; factor: number; images: readonly Blob[] } | undefined>(
  undefined,
);
/** The share of the images in between that are drawn; undefined if none are being drawn. */
export const drawing = signal<number | undefined>(undefined);
/** The image that is shown, counted with those in between. */
export const tick = signal(0);
export const playing = signal(false);

const smooth = computed(() => {
  const { value } = drawn;
  return value && value.of === frames.value && value.factor === factor.value ? value : undefined;
});

/** Images for each frame at the moment: 1 until those in between are drawn. */
export const density = computed(() => smooth.value?.factor ?? 1);

/** The number of images. */
export const ticks = computed(() => Math.max(0, (frames.value.length - 1) * density.value + 1));

/** The frame that is shown, or the one before the image in between. */
export const shownFrame = computed<Frame | undefined>(
  () => frames.value[Math.floor(tick.value / density.value)],
);

/** The image of the result that is shown. */
export const shownImage = computed(() => imageAt(tick.value));

function imageAt(at: number): Blob | undefined {
  return smooth.value?.images[at] ?? frames.value[Math.floor(at / density.value)]?.image;
}

/** Shows another image. */
export function seek(to: number): void {
  tick.value = Math.max(0, Math.min(ticks.value - 1, to));
}

/** Plays, from the start if it is at the end, or stops. */
export function togglePlaying(): void {
  if (!playing.value && tick.value >= ticks.value - 1) tick.value = 0;
  playing.value = !playing.value;
}

// The newest frame of a run is shown, unless another one was chosen.
let known = 0;
effect(() => {
  const { length } = frames.value;
  const atEnd = tick.peek() >= known - 1;
  known = length;
  if (length === 0) playing.value = false;
  if (active.peek() && atEnd && !playing.peek()) tick.value = Math.max(0, length - 1);
  if (tick.peek() > Math.max(0, ticks.peek() - 1)) tick.value = 0;
});

// The same picture stays when there are more of them.
let lastDensity = 1;
effect(() => {
  const { value } = density;
  tick.value = Math.round((tick.peek() / lastDensity) * value);
  lastDensity = value;
});

effect(() => {
  if (!playing.value) return;
  const rate = fps.value * density.value;
  let began = performance.now() - (1000 * tick.peek()) / rate;
  let request = requestAnimationFrame(function show(now) {
    const next = Math.floor(((now - began) / 1000) * rate);
    if (next > ticks.peek() - 1) began = now;
    tick.value = Math.max(0, Math.min(next, ticks.peek() - 1));
    if (next > ticks.peek() - 1) tick.value = 0;
    request = requestAnimationFrame(show);
  });
  return () => cancelAnimationFrame(request);
});

/** How many images are decoded before they are shown. */
const ahead = 8;

effect(() => {
  if (!playing.value) return;
  for (let i = 1; i <= ahead; i++) {
    const next = imageAt((tick.value + i) % ticks.value);
    if (next) void bitmapOf(next);
  }
});

effect(() => {
  const { value: of } = frames;
  const { value: wanted } = factor;
  const { value: state } = engine;
  if (active.value || wanted === 1 || of.length < 2 || smooth.peek() || state.phase !== 'ready') return;
  const controller = new AbortController();
  void drawBetween(state.projector, of, wanted, controller.signal);
  return () => {
    controller.abort();
    drawing.value = undefined;
  };
});

async function drawBetween(
  open: WorkerProjector,
  of: readonly Frame[],
  wanted: number,
  signal: AbortSignal,
): Promise<void> {
  const images: Blob[] = [];
  const count = (of.length - 1) * wanted + 1;
  drawing.value = 0;
  try {
    const latents = of.map(({ latent }) => latent);
    for await (const image of open.render({ latents, factor: wanted, method: method.peek(), signal })) {
      images.push(await compress(image));
      if (signal.aborted) return;
      drawing.value = images.length / count;
    }
    drawn.value = { of, factor: wanted, images };
  } catch {
    // The frames themselves are shown then.
  } finally {
    if (!signal.aborted) drawing.value = undefined;
  }
}

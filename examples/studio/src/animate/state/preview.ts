import type { TargetedFrame } from '@faceanim/core';
import { computed, effect, signal } from '@preact/signals';
import { engine } from '../../engine/engine';
import { look } from '../../look/look';
import { driver } from './driver';
import { phase } from './run';
import { runOptions, settings } from './settings';

/** A frame from the middle of the driver with its target, before there is a run. */
export const preview = signal<TargetedFrame | undefined>(undefined);

/** What targets depend on; the same as long as none of it changes. */
const motion = computed(() => {
  const { mode, motion } = runOptions(settings.value);
  return JSON.stringify({ mode, motion });
});

effect(() => {
  const { value: state } = engine;
  const face = look.value?.prepared;
  const { value: clip } = driver;
  const options = JSON.parse(motion.value);
  if (phase.value !== 'idle' || state.phase !== 'ready' || !face || !clip) return;
  const controller = new AbortController();
  const { signal } = controller;
  const start = Math.floor((clip.info.frames ?? 0) / 2);
  const show = async () => {
    const frames = state.projector.targets({
      ...options,
      ...{ look: face, driver: clip.source, read: { start, limit: 1 }, signal },
    });
    for await (const frame of frames) if (!signal.aborted) preview.value = frame;
  };
  // Without a face in that frame there is nothing to show, and the run says what is wrong with the others.
  const timer = setTimeout(() => show().catch(() => {}), 100);
  return () => {
    clearTimeout(timer);
    controller.abort();
  };
});

// That of another driver or look would be wrong.
let shownFor: readonly unknown[] = [];
effect(() => {
  const now = [driver.value?.source, look.value?.source];
  if (now.some((source, i) => source !== shownFor[i])) preview.value = undefined;
  shownFor = now;
});

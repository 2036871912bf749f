import type { ProgressEvent } from '@faceanim/core';
import type { Backend } from '@faceanim/tensor';
import { formatSeconds, formatStep } from '../terminal/durations';
import { decidingFlags } from './deciding-flags';
import type { AnimateOptions } from './options';

/**
 * CPU seconds of one step on wasm with a full-width StyleGAN2 (config-f, 1024 pixels), one module of the bundled FAN and
 * the LPIPS student.
 */
const largest = { resolution: 1024, seconds: 13 };

/** A run of more seconds than this gets advice on what would be faster. */
const long = 60;

/** A word on large generators before the first step; undefined if there is nothing to say. */
export function expectation(backend: Backend, resolution: number): string | undefined {
  if (backend.name !== 'wasm' || resolution < largest.resolution) return undefined;
  return (
    `A generator of ${resolution} pixels is slow on wasm: a step took ${largest.seconds} s or more where it was measured. ` +
    'The first step will show how long it takes here.'
  );
}

/** Tells once, as soon as a step was measured, how long the run will take and what would be faster. */
export function estimator(
  backend: Backend,
  resolution: number,
  options: AnimateOptions,
): (event: ProgressEvent) => string | undefined {
  let told = false;
  return ({ etaSeconds, frames, msPerStep }) => {
    if (told || !etaSeconds || msPerStep === undefined) return undefined;
    told = true;
    const all = frames === 1 ? 'the frame' : `all ${frames} frames`;
    const pace = `${formatStep(msPerStep)} per step on ${backend.description}`;
    const line = `${pace}: about ${formatSeconds(etaSeconds)} left for ${all}.`;
    return etaSeconds < long
      ? line
      : `${line}\n  Faster: ${faster(backend, resolution, options).join('; ')}.`;
  };
}

function faster(backend: Backend, resolution: number, options: AnimateOptions): string[] {
  return [
    ...(backend.capabilities.gpu
      ? []
      : ['another backend (faceanim doctor shows which are fast and how to get them)']),
    ...(options.fanModules === 1 ? [] : ['--fan-modules 1']),
    ...(resolution > 256 ? ['a generator of 256 pixels'] : []),
    `fewer ${decidingFlags(options).stepsLook > 0 ? '--steps-look, ' : ''}--steps-first and --steps-next`,
    'fewer frames (--every, --limit)',
  ];
}

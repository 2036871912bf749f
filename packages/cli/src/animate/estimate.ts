import type { ProgressEvent } from '@faceanim/core';
import type { Backend } from '@faceanim/tensor';
import { formatSeconds } from '../terminal/progress';
import type { AnimateOptions } from './options';

/**
 * What a step with StyleGAN2 of full width (config-f, 1024 pixels) took on wasm, in seconds of CPU time: beside the first
 * module of the bundled FAN and the LPIPS student.
 */
const largest = { resolution: 1024, seconds: 13 };

/** Above this many seconds for the whole it is worth saying what would be faster. */
const long = 60;

/** What is known of a large generator before the first step; undefined where nothing is. */
export function expectation(backend: Backend, resolution: number): string | undefined {
  if (backend.name !== 'wasm' || resolution < largest.resolution) return undefined;
  return (
    `A generator of ${resolution} pixels is slow on wasm: ${largest.seconds} s a step and more where that was measured. ` +
    'What it takes here is said after the first step.'
  );
}

/** What a run will take in all, and what would be faster: once, when a step has told. */
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
    const pace = `${formatStep(msPerStep)} a step on ${backend.description}`;
    const line = `${pace}: about ${formatSeconds(etaSeconds)} left for ${all}.`;
    return etaSeconds < long
      ? line
      : `${line}\n  Faster: ${faster(backend, resolution, options).join('; ')}.`;
  };
}

/** `570 ms`, `25.3 s`. */
export function formatStep(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function faster(backend: Backend, resolution: number, options: AnimateOptions): string[] {
  return [
    ...(backend.capabilities.gpu
      ? []
      : ['another backend (faceanim doctor says which are fast and how to get them)']),
    ...(options.fanModules === 1 ? [] : ['--fan-modules 1']),
    ...(resolution > 256 ? ['a generator of 256 pixels'] : []),
    'fewer --steps-first and --steps-next',
    'fewer frames (--every, --limit)',
  ];
}

import type { Latent, PreparedLook, ProjectSequenceOptions } from '@faceanim/core';
import { fitLatents } from '@faceanim/models';
import type { Backend } from '@faceanim/tensor';
import { withinLimits } from '../limits/limits';
import { openChosenBackend } from '../networks/backend';
import { drawnFacesWarning } from '../networks/drawn-faces-warning';
import { openNetworks, type RunNetworks } from '../networks/networks';
import type { RunFolder } from '../run/open-run';
import { warningsOf } from '../terminal/in-file';
import { estimator, expectation } from './estimate';
import type { RunHooks } from './hooks';
import { lookOf } from './look';
import type { AnimateOptions } from './options';
import { type AnimatePlan, planAnimation } from './plan';
import { networksOf, sequenceOptions, targetOf } from './sequence';

/** A run whose backend and networks are open. */
export interface OpenAnimation extends AsyncDisposable {
  readonly plan: AnimatePlan;
  readonly backend: Backend;
  readonly networks: RunNetworks<'generator' | 'landmarkNet'>;
  /** The latent of `--initial`. */
  readonly initial: Latent | undefined;
}

/** Plans a run, and opens its backend and networks. @throws {FaceanimError} as `planAnimation`. */
export async function openAnimation(options: AnimateOptions, hooks: RunHooks): Promise<OpenAnimation> {
  const { signal, onProgress, log, warn } = hooks;
  const plan = await planAnimation(options, signal);
  if (plan.driver.info.frames === 1) warn(`${options.driver} has one frame, and so has the animation.`);
  const backend = await openChosenBackend(options, { signal, onProgress });
  let networks: OpenAnimation['networks'] | undefined;
  const close = async () => {
    networks?.[Symbol.dispose]();
    await backend[Symbol.asyncDispose]();
  };
  try {
    log(`Backend: ${backend.description}`);
    networks = await openNetworks(options, { only: networksOf(options), signal, onProgress });
    const warning = drawnFacesWarning(options);
    if (warning) warn(warning);
    const latents = plan.initial && fitLatents(plan.initial, networks.generator);
    if (latents && latents.length > 1) log(`Frame 0 starts at the first of ${latents.length} latents.`);
    return { plan, backend, networks, initial: latents?.[0], [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a run is optimised from: the look as it is aligned, and the options of `projectSequence`. */
export interface SequencePlan {
  readonly look: PreparedLook | undefined;
  readonly sequence: ProjectSequenceOptions;
  /** Mean milliseconds of a step, once one was measured. */
  readonly msPerStep: () => number | undefined;
}

/** Aligns the look, and collects the options of the run. Tells how long it will take. */
export async function planSequence(
  { plan, backend, networks, initial }: OpenAnimation,
  options: AnimateOptions,
  run: Pick<RunFolder, 'continues' | 'look' | 'keepLook'>,
  { signal, onProgress, log, warn }: RunHooks,
): Promise<SequencePlan> {
  const hooks = { signal, onWarning: warn };
  const { generator, landmarkNet } = networks;
  const look = plan.picture && (await lookOf(plan.picture, options, run, networks, { ...hooks, onProgress }));
  const { every = 1, start } = options;
  const { frames, read: limit, driver } = plan;
  const expected = expectation(backend, generator.resolution);
  if (expected) log(expected);
  const estimate = estimator(backend, generator.resolution, options);
  let msPerStep: number | undefined;
  const sequence: ProjectSequenceOptions = {
    generator,
    landmarkNet,
    ...sequenceOptions(options, networks),
    backend,
    look,
    target: await targetOf(options, networks, hooks),
    initial,
    driver: () =>
      withinLimits(
        driver.frames({ limit, start, timing: 'source', ...hooks }),
        { name: '--driver', path: options.driver },
        driver.info.fps,
        options,
      ),
    frames: frames && (frames - 1) * every + 1,
    every,
    signal,
    onWarning: warningsOf(options.driver, warn, '--face'),
    onProgress: (event) => {
      msPerStep = event.msPerStep ?? msPerStep;
      onProgress?.(event);
      const line = estimate(event);
      if (line) log(line);
    },
  };
  return { look, sequence, msPerStep: () => msPerStep };
}

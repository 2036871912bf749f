import { type InterpolationMethod, interpolate, render } from '@faceanim/core';
import { checkVideoOutput, writeVideo } from '@faceanim/media';
import { fitLatents } from '@faceanim/models';
import { pasted } from '../animate/paste-back';
import { defaultInterpolation, latentTime, moments, outputFps, timesOf, videoRate } from '../animate/timing';
import { checkInputs, namedPaths } from '../files/inputs';
import { checkOutputs } from '../files/outputs';
import { refuseStdout } from '../files/stdout';
import { checkRate } from '../flags/check-rate';
import { type BackendFlags, openChosenBackend } from '../networks/backend';
import { openNetworks } from '../networks/networks';
import { counted } from '../terminal/counted';
import { createReporter } from '../terminal/progress';
import { readLatents } from './read-latents';
import { backdropOfRun, checkDriver, checkGenerator } from './run-inputs';

/** The flags of `faceanim render`. */
export interface RenderOptions extends BackendFlags {
  out: string;
  generator?: string;
  driver?: string;
  /** The look of the run, to put the faces back into it. */
  look?: string;
  pasteBack?: boolean;
  aiTag?: boolean;
  subframes?: number;
  interpolation?: InterpolationMethod;
  fps?: number;
  overwrite?: boolean;
  quiet?: boolean;
}

/** For latents without a frame rate, e.g. of another projector. */
const defaultFps = 25;

/** `faceanim render`: renders the latents of an earlier run or of another projector. */
export async function renderCommand(
  path: string,
  options: RenderOptions,
  signal: AbortSignal,
): Promise<void> {
  const { out, overwrite = false, quiet } = options;
  const inputs = namedPaths({
    'the input': path,
    '--generator': options.generator,
    '--driver': options.driver,
    '--look': options.look,
  });
  await checkInputs(inputs, ['the input']);
  const kept = await readLatents(path, signal);
  await checkGenerator(path, kept, options.generator, signal);
  await checkDriver(path, kept, options.driver);
  const backdrop = await backdropOfRun(path, kept, options.look);
  const { fps: latentFps = defaultFps, times, start } = kept;
  const clock = { count: kept.latents.length, fps: latentFps, times };
  const fps = outputFps(clock, options);
  checkRate(fps, options);
  const rate = videoRate(clock, options);
  const audio = options.driver === undefined ? undefined : { source: options.driver, start };
  refuseStdout(out);
  await checkOutputs([{ name: '--out', path: out }], inputs);
  await checkVideoOutput(out, { ...rate, audio, overwrite });
  const reporter = createReporter({ quiet, main: 'render' });
  try {
    await using backend = await openChosenBackend(options, { signal, onProgress: reporter.progress });
    reporter.log(`Backend: ${backend.description}`);
    using networks = await openNetworks(
      { generator: options.generator },
      { only: ['generator'], signal, onProgress: reporter.progress },
    );
    const latents = fitLatents({ latents: kept.latents, file: path }, networks.generator);
    if (kept.unfinished) reporter.log(`${path} is unfinished: rendering ${counted(latents.length, 'frame')}`);
    const drawn = [...moments(clock, options)].filter(({ shown }) => shown);
    const timed = latents.map((latent, k) => ({ latent, time: latentTime(clock, k) }));
    const method = options.interpolation ?? defaultInterpolation(kept.fps);
    const between = interpolate(timed, { times: timesOf(drawn), method });
    const images = render(between, networks.generator, {
      ...{ frames: drawn.length, signal, onProgress: reporter.progress },
    });
    const written = await writeVideo(out, pasted(images, backdrop), {
      ...rate,
      audio,
      aiGenerated: options.aiTag,
      overwrite,
      signal,
      onWarning: reporter.warn,
    });
    process.stdout.write(
      `${counted(written.frames, 'frame')}, ${Number(fps.toFixed(3))} per second: ${written.path}\n`,
    );
  } finally {
    reporter.stop();
  }
}

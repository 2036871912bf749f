import { openBackend } from '@faceanim/backend-node';
import { interpolate, render } from '@faceanim/core';
import { checkVideoOutput, writeVideo } from '@faceanim/media';
import { fitLatents } from '@faceanim/models';
import { type BackendName, FaceanimError } from '@faceanim/tensor';
import { checkInputs, namedPaths } from '../files/inputs';
import { checkOutputs } from '../files/outputs';
import { checkRate } from '../flags/check-rate';
import { networkFingerprints } from '../networks/fingerprints';
import { openNetworks } from '../networks/networks';
import { counted } from '../terminal/counted';
import { createReporter } from '../terminal/progress';
import { type KeptLatents, readLatents } from './read-latents';

interface RenderOptions {
  out: string;
  generator?: string;
  subframes?: number;
  interpolation?: 'linear' | 'catmull-rom';
  fps?: number;
  overwrite?: boolean;
  backend?: BackendName;
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
  const { out, subframes = 2, interpolation, overwrite = false, backend: prefer, quiet } = options;
  const inputs = namedPaths({ 'the latents': path, '--generator': options.generator });
  await checkInputs(inputs, ['the latents']);
  const kept = await readLatents(path, signal);
  await checkGenerator(path, kept, options.generator, signal);
  const fps = options.fps ?? (kept.fps ?? defaultFps) * subframes;
  checkRate(fps, { fps: options.fps, subframes });
  await checkOutputs([{ name: '--out', path: out }], inputs);
  await checkVideoOutput(out, { fps, overwrite });
  const reporter = createReporter({ quiet, main: 'render' });
  try {
    await using backend = await openBackend({ prefer, signal, onProgress: reporter.progress });
    reporter.log(`Backend: ${backend.description}`);
    using networks = await openNetworks(
      { generator: options.generator },
      { only: ['generator'], signal, onProgress: reporter.progress },
    );
    const latents = fitLatents({ latents: kept.latents, file: path }, networks.generator);
    if (kept.unfinished) reporter.log(`${path} is unfinished: rendering ${counted(latents.length, 'frame')}`);
    const between = interpolate(latents, { factor: subframes, method: interpolation });
    const frames = (latents.length - 1) * subframes + 1;
    const images = render(between, networks.generator, { frames, signal, onProgress: reporter.progress });
    const written = await writeVideo(out, images, { fps, overwrite, signal });
    process.stdout.write(
      `${counted(written.frames, 'frame')}, ${Number(fps.toFixed(3))} per second: ${written.path}\n`,
    );
  } finally {
    reporter.stop();
  }
}

/** Another generator of the same size would silently draw other pictures. */
async function checkGenerator(
  path: string,
  { generator }: KeptLatents,
  given: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (generator === undefined) return;
  const { generator: hash } = await networkFingerprints({ generator: given }, signal);
  if (generator === hash) return;
  const here = given === undefined ? 'the generator of the bundled pack' : given;
  throw new FaceanimError(
    'weights-mismatch',
    `The latents in ${path} belong to the generator ${generator}; ${here} is ${hash}.`,
    { file: given ?? path, hint: 'Pass the generator of that run as --generator FILE.' },
  );
}

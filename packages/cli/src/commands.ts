import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBackend, writeImage, writeVideo } from '@faceanim/backend-node';
import {
  type BackendName,
  decodeLatents,
  decodeSafetensors,
  FaceanimError,
  interpolate,
  render,
} from '@faceanim/core';
import { avatarPack, factorsToZ } from '@faceanim/models';
import { type AnimateOptions, type AnimateReport, animate } from './animate';
import { drawFace } from './draw-face';
import { openNetworks } from './networks';
import { createReporter, formatSeconds } from './progress';

interface Around {
  quiet?: boolean;
  signal?: AbortSignal;
}

/** `faceanim animate`. */
export async function animateCommand(options: AnimateOptions, { quiet, signal }: Around): Promise<void> {
  process.stdout.write(summary(await animateWithBars(options, { quiet, signal })));
}

/** `faceanim demo`: the bundled look and driver, with few frames and steps. */
export async function demoCommand(
  { out, frames = 12, stepsFirst = 40, stepsNext = 8, backend, json }: DemoOptions,
  { signal }: Around,
): Promise<void> {
  const driver = fileURLToPath(new URL('../assets/demo-driver.webp', import.meta.url));
  const look = fileURLToPath(new URL('../assets/demo-look.png', import.meta.url));
  process.stdout.write(
    `Animating the bundled look by ${frames} frames of the bundled driver: ${stepsFirst} steps for the first frame and ` +
      `${stepsNext} for each later one, the first module of the landmark network.\n`,
  );
  const settings = { limit: frames, stepsFirst, stepsNext, fanModules: 1 };
  const options = { driver, look, out, backend, json, ...settings };
  const report = await animateWithBars(options, { signal });
  process.stdout.write(
    `${summary(report)}\nBetter and longer: npm run demo -- --frames 25 --steps-first 100 --steps-next 20\n` +
      'Your own:          npx faceanim animate --look look.png --driver clip.mp4 --out out.mp4\n',
  );
}

interface DemoOptions {
  out: string;
  frames?: number;
  stepsFirst?: number;
  stepsNext?: number;
  backend?: BackendName;
  json?: string;
}

async function animateWithBars(options: AnimateOptions, { quiet, signal }: Around): Promise<AnimateReport> {
  const reporter = createReporter({ quiet });
  try {
    return await animate(options, { signal, onProgress: reporter.progress, log: reporter.log });
  } finally {
    reporter.stop();
  }
}

function summary(report: AnimateReport): string {
  const { following, losses, driverFrames, outputFrames, stepsTaken, seconds, msPerStep } = report;
  const look = losses.lpips === undefined ? '' : `; LPIPS to the look ${losses.lpips.toFixed(3)} on average`;
  return [
    '',
    `${driverFrames} driver frames, ${outputFrames} output frames, ${stepsTaken} steps in ${formatSeconds(seconds)} (${msPerStep.toFixed(0)} ms a step).`,
    `Mouth follows the driver with correlation ${following.mouth.correlation.toFixed(3)} and slope ${following.mouth.slope.toFixed(2)}${look}.`,
    `  animation      ${report.out}`,
    `  contact sheet  ${report.contactSheet}`,
    `  loss curve     ${report.lossCurve}`,
    `  latents        ${report.latents}`,
    '',
  ].join('\n');
}

interface RenderOptions {
  out: string;
  generator?: string;
  subframes?: number;
  interpolation?: 'linear' | 'catmull-rom';
  fps?: number;
  backend?: BackendName;
}

/** `faceanim render`: latents of an earlier run to an animation. */
export async function renderCommand(
  path: string,
  options: RenderOptions,
  { quiet, signal }: Around,
): Promise<void> {
  const { out, subframes = 2, interpolation, backend: prefer } = options;
  const file = await latentsFile(path);
  const bytes = await readFile(file);
  const latents = decodeLatents(bytes, { file });
  const fps = options.fps ?? Number(decodeSafetensors(bytes, { file }).metadata.fps ?? 25);
  const reporter = createReporter({ quiet });
  try {
    await using backend = await openBackend({ prefer, signal });
    reporter.log(`Backend: ${backend.description}`);
    using networks = await openNetworks({ generator: options.generator }, { signal });
    const between = interpolate(latents, { factor: subframes, method: interpolation });
    const images = render(between, networks.generator, { signal, onProgress: reporter.progress });
    const written = await writeVideo(out, images, { fps, signal });
    process.stdout.write(`${written.frames} frames: ${written.path}\n`);
  } finally {
    reporter.stop();
  }
}

async function latentsFile(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, 'latents.safetensors') : path;
  } catch (cause) {
    throw new FaceanimError('io', `${path} cannot be read.`, {
      file: path,
      cause,
      hint: 'Pass latents.safetensors of a finished run, or its folder.',
    });
  }
}

interface LookOptions {
  out: string;
  seed?: number;
  expression?: string;
  list?: boolean;
  backend?: BackendName;
  factors: Readonly<Record<string, number>>;
}

/** `faceanim look`: a face of the bundled generator by its named factors. */
export async function lookCommand({
  out,
  seed = 0,
  expression,
  list,
  backend: prefer,
  factors,
}: LookOptions): Promise<void> {
  await using _backend = await openBackend({ prefer });
  using pack = await avatarPack();
  const { columns, expressions } = pack.factors;
  if (list) {
    process.stdout.write(
      `factors: ${columns.map(({ name }) => name).join(', ')}\nexpressions: ${Object.keys(expressions).join(', ')}\n`,
    );
    return;
  }
  const z = factorsToZ(pack.factors, factors, { seed, expression });
  await writeImage(out, await drawFace(pack, z));
  process.stdout.write(`${out}\n`);
}

import { extname, join } from 'node:path';
import {
  openBackend,
  probeVideo,
  readImage,
  readVideo,
  writeFileAtomic,
  writeImage,
  writeVideo,
} from '@faceanim/backend-node';
import {
  FaceanimError,
  interpolate,
  projectSequence,
  type RgbImage,
  render,
  type SequenceFrame,
} from '@faceanim/core';
import { alignLook } from './align-look';
import type { AnimateOptions } from './animate-options';
import { type AnimateReport, contactSheetOf, lossCurveOf, meanLosses } from './animate-report';
import { estimator, expectation } from './estimate';
import { follow } from './follow';
import { drawnNetworks, openNetworks, type RunNetworks } from './networks';
import type { Reporter } from './progress';
import { fingerprint, openRunFolder, type RunFolder } from './run-folder';
import { sequenceOptions } from './sequence-options';
import { StepTimer } from './step-timer';

/** What happens around a run. */
export interface AnimateHooks {
  signal?: AbortSignal;
  onProgress?: Reporter['progress'];
  log?: (line: string) => void;
  /** Told what the user must know. */
  warn?: (line: string) => void;
  /** The command that goes on after the frames that are finished. */
  resumeCommand?: string;
}

/** The command `faceanim animate`: driver and look to an animation with its contact sheet, loss curve and report. */
export async function animate(options: AnimateOptions, hooks: AnimateHooks = {}): Promise<AnimateReport> {
  const { signal, onProgress, log = () => {}, warn = () => {}, resumeCommand = 'add --resume' } = hooks;
  const { driver, out, every = 1, limit, start, subframes = 2 } = options;
  const info = await probeVideo(driver);
  const available = info.frames === undefined ? undefined : Math.ceil((info.frames - (start ?? 0)) / every);
  const frames = available === undefined ? limit : Math.min(available, limit ?? available);
  const fps = options.fps ?? ((info.fps ?? 25) / every) * subframes;
  const drawn = drawnNetworks(options);
  if (drawn) warn(drawn);
  await using backend = await openBackend({
    prefer: options.backend,
    allowSoftware: options.allowSoftware,
    signal,
    onProgress,
  });
  log(`Backend: ${backend.description}`);
  using networks = await openNetworks(options, { signal, onProgress });
  const look = await readLook(options, networks);
  const base = basePath(out);
  const run = await openRunFolder(
    options.run ?? `${base}.run`,
    await runSettings(options, networks),
    options.resume ?? false,
  );
  if (run.finished.length > 0) log(`Going on after ${run.finished.length} finished frames of ${run.path}`);

  const { generator, landmarkNet, perceptual } = networks;
  const { resolution } = generator;
  const expected = expectation(backend, resolution);
  if (expected) log(expected);
  const timer = new StepTimer(backend.capabilities.gpu);
  const estimate = estimator(backend, resolution, options, timer);
  const started = performance.now();
  const projected: SequenceFrame[] = [];
  const results: RgbImage[] = [];
  const sequence = projectSequence({
    generator,
    landmarkNet,
    perceptual,
    ...sequenceOptions(options, networks),
    backend,
    look,
    driver: readVideo(driver, { every, limit, start, signal, onWarning: warn }),
    frames,
    resume: run.finished,
    signal,
    onProgress: (event) => {
      timer.note(event);
      onProgress?.(event);
      const line = estimate(event);
      if (line) log(line);
    },
  });
  const saved = saveEach(sequence, run, projected);
  const between = interpolate(saved, { factor: subframes, method: options.interpolation });
  const images = render(between, networks.generator, {
    signal,
    onProgress,
    frames: frames && (frames - 1) * subframes + 1,
    rounding: options.reference ? 'truncate' : 'round',
  });
  const kept = keepEvery(images, subframes, results, () => onProgress?.({ stage: 'write' }));
  const written = await writeVideo(out, kept, { fps, signal }).catch((error) => {
    if (projected.length > 0) {
      warn(`${projected.length} finished frames are kept in ${run.path}. To go on:\n  ${resumeCommand}`);
    }
    throw error;
  });
  const seconds = (performance.now() - started) / 1000;

  const drivers = projected.map((frame) => frame.driver.image);
  const sheet = `${base}.sheet.png`;
  await writeImage(sheet, await contactSheetOf(drivers, results));
  const curve = `${base}.losses.png`;
  await writeFileAtomic(curve, await lossCurveOf(projected));
  const fresh = projected.slice(run.finished.length);
  const stepsTaken = fresh.reduce((sum, { steps }) => sum + steps, 0);
  const report: AnimateReport = {
    out: written.path,
    contactSheet: sheet,
    lossCurve: curve,
    latents: await run.saveLatents(projected, fps),
    run: run.path,
    backend: backend.description,
    driverFrames: projected.length,
    outputFrames: written.frames,
    fps,
    seconds,
    stepsTaken,
    msPerStep: timer.msPerStep,
    following: await follow(
      projected.map(({ driver: { landmarks } }) => landmarks),
      results,
      networks.landmarkNet,
      { signal, onProgress },
    ),
    losses: meanLosses(projected),
    frames: projected.map(({ index, driver: { index: driverIndex }, steps, losses }) => ({
      index,
      driverIndex,
      steps,
      losses,
    })),
  };
  if (options.json) await writeFileAtomic(options.json, `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

/** Everything that decides what the latents will be. */
async function runSettings(
  options: AnimateOptions,
  { fingerprints }: RunNetworks,
): Promise<Record<string, unknown>> {
  const {
    driver,
    look,
    out,
    run,
    json,
    resume,
    fps,
    subframes,
    interpolation,
    backend,
    allowSoftware,
    limit,
    ...rest
  } = options;
  return {
    ...rest,
    ...fingerprints,
    driver,
    look: look && (await fingerprint(look)),
  };
}

async function readLook(
  { look, alignLook: align = false }: AnimateOptions,
  { landmarkNet }: RunNetworks,
): Promise<RgbImage | undefined> {
  if (!look) return undefined;
  const image = await readImage(look);
  if (align) return alignLook(image, landmarkNet, look);
  if (image.width === image.height) return image;
  throw new FaceanimError(
    'media',
    `${look} is ${image.width} × ${image.height} pixels; a look must be square and aligned.`,
    {
      file: look,
      hint: 'Crop it as the generator was trained (FFHQ), or add --align-look to have it done.',
    },
  );
}

async function* saveEach(frames: AsyncIterable<SequenceFrame>, run: RunFolder, into: SequenceFrame[]) {
  for await (const frame of frames) {
    if (frame.index >= run.finished.length) await run.save(frame);
    into.push(frame);
    yield frame;
  }
}

/** Passes images on and keeps those that belong to a driver frame. */
async function* keepEvery(
  images: AsyncIterable<RgbImage>,
  factor: number,
  into: RgbImage[],
  onEnd: () => void,
) {
  let index = 0;
  for await (const image of images) {
    if (index++ % factor === 0) into.push(image);
    yield image;
  }
  onEnd();
}

/** `out/talk.mp4` to `out/talk`. */
function basePath(out: string): string {
  const extension = extname(out);
  return extension ? out.slice(0, -extension.length) : join(out);
}

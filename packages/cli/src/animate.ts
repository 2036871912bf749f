import { extname, join } from 'node:path';
import {
  contactSheet,
  lineChart,
  openBackend,
  probeVideo,
  readImage,
  readVideo,
  writeFileAtomic,
  writeImage,
  writeVideo,
} from '@faceanim/backend-node';
import {
  type Alignment,
  type BackendName,
  FaceanimError,
  freeLosses,
  type GroupWeights,
  identityLosses,
  interpolate,
  type LatentSpaceName,
  type OnProgress,
  type ProjectSequenceOptions,
  projectSequence,
  type RgbImage,
  referenceMode,
  render,
  type SequenceFrame,
  thorough,
} from '@faceanim/core';
import { alignLook } from './align-look';
import { type Following, follow } from './follow';
import { type NetworkOptions, openNetworks, type RunNetworks } from './networks';
import { fingerprint, openRunFolder, type RunFolder } from './run-folder';

/** Options of {@link animate}; the command's flags. */
export interface AnimateOptions extends NetworkOptions {
  driver: string;
  out: string;
  look?: string;
  preset?: 'fast' | 'thorough';
  stepsFirst?: number;
  stepsNext?: number;
  window?: number;
  weights?: GroupWeights;
  subframes?: number;
  interpolation?: 'linear' | 'catmull-rom';
  fps?: number;
  align?: Alignment;
  alignLook?: boolean;
  every?: number;
  limit?: number;
  start?: number;
  space?: LatentSpaceName;
  backend?: BackendName;
  allowSoftware?: boolean;
  minScore?: number;
  reference?: boolean;
  resume?: boolean;
  run?: string;
  seed?: number;
  json?: string;
}

/** Paths that {@link animate} wrote, and what it measured. */
export interface AnimateReport {
  readonly out: string;
  readonly contactSheet: string;
  readonly lossCurve: string;
  readonly latents: string;
  readonly run: string;
  readonly backend: string;
  readonly driverFrames: number;
  readonly outputFrames: number;
  readonly fps: number;
  readonly seconds: number;
  readonly stepsTaken: number;
  readonly msPerStep: number;
  /** How well the result follows the driver, as the landmark network sees both. */
  readonly following: Following;
  /** Distance of the last frames to the look, where there is one: loss terms at the last step of each frame, averaged. */
  readonly losses: Readonly<Record<string, number>>;
  readonly frames: readonly {
    index: number;
    driverIndex: number;
    steps: number;
    losses: Readonly<Record<string, number>>;
  }[];
}

/** What happens around a run. */
export interface AnimateHooks {
  signal?: AbortSignal;
  onProgress?: OnProgress;
  log?: (line: string) => void;
}

/** The command `faceanim animate`: driver and look to an animation with its contact sheet, loss curve and report. */
export async function animate(options: AnimateOptions, hooks: AnimateHooks = {}): Promise<AnimateReport> {
  const { signal, onProgress, log = () => {} } = hooks;
  const { driver, out, every = 1, limit, start, subframes = 2 } = options;
  const info = await probeVideo(driver);
  const available = info.frames === undefined ? undefined : Math.ceil((info.frames - (start ?? 0)) / every);
  const frames = available === undefined ? limit : Math.min(available, limit ?? available);
  const fps = options.fps ?? ((info.fps ?? 25) / every) * subframes;
  await using backend = await openBackend({
    prefer: options.backend,
    allowSoftware: options.allowSoftware,
    signal,
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

  const started = performance.now();
  const projected: SequenceFrame[] = [];
  const results: RgbImage[] = [];
  const sequence = projectSequence({
    ...networks,
    ...sequenceOptions(options, networks),
    backend,
    look,
    driver: readVideo(driver, { every, limit, start, signal }),
    frames,
    resume: run.finished,
    signal,
    onProgress,
  });
  const saved = saveEach(sequence, run, projected);
  const between = interpolate(saved, { factor: subframes, method: options.interpolation });
  const images = render(between, networks.generator, {
    signal,
    rounding: options.reference ? 'truncate' : 'round',
  });
  const written = await writeVideo(out, keepEvery(images, subframes, results), { fps, signal }).catch(
    (error) => {
      if (projected.length > 0) log(keptMessage(run, projected.length));
      throw error;
    },
  );
  const seconds = (performance.now() - started) / 1000;

  const drivers = projected.map((frame) => frame.driver.image);
  const sheet = `${base}.sheet.png`;
  await writeImage(sheet, await sheetOf(drivers, results));
  const curve = `${base}.losses.png`;
  await writeFileAtomic(curve, await curveOf(projected));
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
    msPerStep: stepsTaken > 0 ? (1000 * seconds) / stepsTaken : 0,
    following: await follow(
      projected.map(({ driver: { landmarks } }) => landmarks),
      results,
      networks.landmarkNet,
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

function sequenceOptions(options: AnimateOptions, { encoder }: RunNetworks): Partial<ProjectSequenceOptions> {
  const {
    weights: groups,
    look,
    space,
    align,
    seed,
    minScore,
    stepsFirst,
    stepsNext,
    window,
    preset,
  } = options;
  const common = { seed, tracking: { minScore }, steps: { first: stepsFirst, next: stepsNext }, window };
  if (options.reference) {
    return { ...referenceMode({ groups, lpips: look ? 1 : 0 }), ...common, ...(align ? { align } : {}) };
  }
  const chosen: Partial<ProjectSequenceOptions> = preset === 'thorough' ? thorough() : { encoder };
  return {
    ...common,
    ...chosen,
    steps: { first: stepsFirst ?? chosen.steps?.first, next: stepsNext ?? chosen.steps?.next },
    align,
    space,
    losses: look ? identityLosses({ groups, encoded: chosen.encoder !== undefined }) : freeLosses({ groups }),
  };
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
async function* keepEvery(images: AsyncIterable<RgbImage>, factor: number, into: RgbImage[]) {
  let index = 0;
  for await (const image of images) {
    if (index++ % factor === 0) into.push(image);
    yield image;
  }
}

function keptMessage(run: RunFolder, frames: number): string {
  return `${frames} finished frames are kept in ${run.path}: add --resume to go on.`;
}

const sheetColumns = 12;

function sheetOf(drivers: readonly RgbImage[], results: readonly RgbImage[]): Promise<RgbImage> {
  const stride = Math.max(1, Math.ceil(drivers.length / sheetColumns));
  const pick = (images: readonly RgbImage[]) => images.filter((_, i) => i % stride === 0);
  return contactSheet([pick(drivers), pick(results)], { labels: ['driver', 'result'] });
}

/** The total of every step, frame after frame. */
function curveOf(frames: readonly SequenceFrame[]): Promise<Uint8Array> {
  let before = 0;
  const points: [number, number][] = [];
  for (const { history, steps } of frames) {
    for (const { step, total } of history) points.push([before + step, total]);
    before += steps;
  }
  return lineChart([{ label: 'total', points }], {
    title: 'Objective over all steps; every jump is a new driver frame',
    xLabel: 'step',
    yLabel: 'objective',
    log: true,
  });
}

function meanLosses(frames: readonly SequenceFrame[]): Record<string, number> {
  const sums: Record<string, { sum: number; count: number }> = {};
  for (const { losses } of frames) {
    for (const [name, value] of Object.entries(losses)) {
      const entry = (sums[name] ??= { sum: 0, count: 0 });
      entry.sum += value;
      entry.count++;
    }
  }
  return Object.fromEntries(Object.entries(sums).map(([name, { sum, count }]) => [name, sum / count]));
}

/** `out/talk.mp4` to `out/talk`. */
function basePath(out: string): string {
  const extension = extname(out);
  return extension ? out.slice(0, -extension.length) : join(out);
}

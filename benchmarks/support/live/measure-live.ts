import {
  type Encoder,
  type Latent,
  type LiveFrame,
  type LiveOptions,
  openLive,
  projectSequence,
  type RgbImage,
  render,
} from '@faceanim/core';
import {
  centredSquare,
  detectLandmarks,
  eyeOpening,
  type Landmarks,
  mouthOpening,
} from '@faceanim/core/landmarks';
import { type AvatarPack, factorsToZ } from '@faceanim/models';
import type { Backend } from '@faceanim/tensor';
import { type LiveSpeed, liveSpeed } from '../../../packages/cli/src/doctor/live-speed';
import { drawFace } from '../../../packages/cli/src/look/draw-face';
import { pearson, quantile, slope } from '../../../packages/cli/src/report/series';
import { type ProgramTime, type TimedBackend, timedBackend } from './timed-backend';

/** Options of {@link measureLive}. */
export interface MeasureLiveOptions {
  readonly backend: Backend;
  readonly models: AvatarPack;
  /** Pictures of the driver, or how many to draw of a face of the pack that talks, blinks and turns. */
  readonly frames: readonly RgbImage[] | number;
  /** Default: a face of the pack. */
  readonly look?: RgbImage;
  /** Pictures a second of the simulated cameras. Default 25. */
  readonly fps?: readonly number[];
  /** Options of the session. */
  readonly session?: Partial<LiveOptions>;
  /** Whether to compare with `projectSequence`, which takes ten steps a frame. Default true. */
  readonly offline?: boolean;
  /** Gets each row as soon as it is known. */
  report?(row: Row): void;
  log?(message: string): void;
}

type Row = Readonly<Record<string, string | number>>;

/** Speed, and how well the results follow, as rows of two tables. */
export interface LiveMeasurement {
  readonly openSeconds: number;
  /** Every picture one after the other, and, where that keeps up with half of 25 a second, pictures from simulated cameras. */
  readonly speed: readonly Row[];
  /** What a picture takes, one after the other. */
  readonly phases: readonly Row[];
  /** Opening of mouth and eyes: correlation / slope. */
  readonly quality: readonly Row[];
}

/** Measures a live session on the avatar pack. */
export async function measureLive(options: MeasureLiveOptions): Promise<LiveMeasurement> {
  const { models, frames, fps = [25], session = {}, offline = true } = options;
  const { report = () => {}, log = () => {} } = options;
  const noted = (row: Row) => {
    report(row);
    return row;
  };
  const look = options.look ?? (await drawFace(models, factorsToZ(models.factors, {}, { seed: 1 })));
  const driver = typeof frames === 'number' ? await talkingFace(models, frames) : frames;
  log('opening the session, which projects the look');
  const opening = performance.now();
  const timed = timedBackend(options.backend);
  const encoder = timedEncoder(models.encoder);
  using live = await openLive({
    ...models,
    encoder: encoder.encoder,
    backend: timed.backend,
    look,
    ...session,
  });
  const openSeconds = round((performance.now() - opening) / 1000, 1);
  const speed: Row[] = [];

  log('every picture');
  const results: LiveFrame[] = [];
  // The first pictures belong to the preparation.
  for (const image of driver.slice(0, 2)) await live.next(image);
  timed.start();
  encoder.start();
  const started = performance.now();
  const cpu: number[] = [];
  for (const image of driver) {
    const before = process.cpuUsage();
    results.push(await live.next(image));
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1000);
  }
  const all = speedOf('every picture', results, performance.now() - started);
  // The fastest tenth, which other work on the machine slows down least.
  speed.push(noted({ ...all, openSeconds, cpuMs: round(quantile(cpu, 0.1), 1) }));
  const sums = phasesOf(results, timed.times, encoder.ms);
  for (const rate of all.picturesPerSecond > 12.5 ? fps : []) {
    log(`a camera with ${rate} pictures a second`);
    const got: LiveFrame[] = [];
    const began = performance.now();
    for await (const frame of live.animate(camera(driver, rate))) got.push(frame);
    speed.push(noted(speedOf(`camera, ${rate} a second`, got, performance.now() - began)));
  }
  log('what its programs take');
  const deviceMs = await timed.deviceMs();
  const phases = sums.map((row) => noted({ ...row, deviceMs: shown(deviceMs[row.phase]) }));
  return {
    openSeconds,
    speed,
    phases,
    quality: offline ? (await compare({ ...options, look, driver, results, log })).map(noted) : [],
  };
}

/** What an encoder takes. */
function timedEncoder(encoder: Encoder) {
  let ms = 0;
  const encode: Encoder['encode'] = async (input) => {
    const started = performance.now();
    const w = await encoder.encode(input);
    ms += performance.now() - started;
    return w;
  };
  return {
    encoder: { ...encoder, encode },
    get ms() {
      return ms;
    },
    start: () => {
      ms = 0;
    },
  };
}

/**
 * The times of a picture by what they are for: of programs seen from outside, where writing and running is time of the host, and
 * reading waits for the device; and what is left, which is JavaScript.
 */
function phasesOf(results: readonly LiveFrame[], times: TimedBackend['times'], encoderMs: number) {
  const count = results.length;
  const sum = (of: (frame: LiveFrame) => number) => results.reduce((total, frame) => total + of(frame), 0);
  const each = (total: number) => round(total / count, 2);
  const totalOf = ({ writeMs, runMs, readMs }: ProgramTime) => writeMs + runMs + readMs;
  const programs = [...times].map(([phase, time]) => ({
    phase,
    ms: each(totalOf(time)),
    runs: each(time.runs),
    dispatches: each(time.dispatches),
    reads: each(time.reads),
    writtenKB: each(time.writtenBytes / 1000),
    readKB: each(time.readBytes / 1000),
    ...{ writeMs: each(time.writeMs), runMs: each(time.runMs), readMs: each(time.readMs) },
  }));
  const landmarks = times.get('landmarks');
  const track = sum(({ trackMs }) => trackMs);
  const inTracking = landmarks ? totalOf(landmarks) : 0;
  const inSolving = [...times.values()].reduce((total, time) => total + totalOf(time), 0) - inTracking;
  const host = (phase: string, ms: number) => ({ phase, ms: each(ms) });
  return [
    ...programs,
    host('encoder', encoderMs),
    host('the rest of finding the face and fitting the motion', track - inTracking),
    host('the rest', sum(({ latencyMs }) => latencyMs) - track - inSolving - encoderMs),
    host(
      'all',
      sum(({ latencyMs }) => latencyMs),
    ),
  ];
}

/** A face of the pack that opens its mouth, closes its eyes and turns, at 25 pictures a second. */
async function talkingFace(models: AvatarPack, count: number): Promise<RgbImage[]> {
  const pictures: RgbImage[] = [];
  for (let i = 0; i < count; i++) {
    const values = {
      jaw: 0.8 + 0.8 * Math.sin(i / 2),
      lids: i % 20 >= 17 ? 2 : 0,
      yaw: 0.5 * Math.sin(i / 10),
      smile: 0.5 * Math.sin(i / 7),
    };
    const z = factorsToZ(models.factors, values, { seed: 5, expression: 'neutral' });
    pictures.push(await drawFace(models, z));
  }
  return pictures;
}

/** Pictures that come at their times, whether or not anyone takes them. */
async function* camera(pictures: readonly RgbImage[], fps: number): AsyncGenerator<RgbImage> {
  const started = performance.now();
  for (const [i, picture] of pictures.entries()) {
    const wait = started + (1000 * i) / fps - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    yield picture;
  }
}

function speedOf(how: string, results: readonly LiveFrame[], ms: number) {
  const values = Object.entries(liveSpeed(results, ms)).map(([name, value]) => [name, round(value, 1)]);
  return { how, ...(Object.fromEntries(values) as LiveSpeed) };
}

type Comparison = Omit<MeasureLiveOptions, 'frames'> & {
  readonly look: RgbImage;
  readonly driver: readonly RgbImage[];
  readonly results: readonly LiveFrame[];
  log(message: string): void;
};

/** Compares the results with those of a run that knows the whole clip, and both with its targets. */
async function compare({ backend, models, look, driver, results, log }: Comparison) {
  log('the same offline');
  const latents: Latent[] = [];
  const targets: Landmarks[] = [];
  const pictures = driver.map((image, index) => ({ index, image }));
  for await (const { latent, driver } of projectSequence({ ...models, backend, look, driver: pictures })) {
    latents.push(latent);
    targets.push(driver.targetLandmarks ?? driver.alignedLandmarks);
  }
  const shapesOf = async (images: AsyncIterable<RgbImage> | Iterable<RgbImage>) => {
    const found: Landmarks[] = [];
    for await (const image of images) {
      found.push((await detectLandmarks(image, centredSquare(image), models.landmarkNet)).landmarks);
    }
    return found;
  };
  const offlineShapes = await shapesOf(render(latents, models.generator, { backend }));
  const liveShapes = await shapesOf(results.map(({ image }) => image));
  const row = (what: string, wanted: readonly Landmarks[], got: readonly Landmarks[]) => {
    const followed = (measure: (landmarks: Landmarks) => number) => {
      const [a, b] = [wanted.map(measure), got.map(measure)];
      return `${round(pearson(a, b), 2)} / ${round(slope(a, b), 2)}`;
    };
    return { what, mouth: followed(mouthOpening), eyes: followed(eyeOpening) };
  };
  return [
    row('live, against the target', targets, liveShapes),
    row('offline, against the target', targets, offlineShapes),
    row('live, against offline', offlineShapes, liveShapes),
  ];
}

const shown = (ms: number | undefined) => (ms === undefined ? '' : round(ms, 2));

const round = (value: number, digits: number) => Number(value.toFixed(digits));

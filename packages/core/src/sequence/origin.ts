import { FaceanimError } from '@faceanim/tensor';
import { version } from '../../package.json';
import type { FrameOrigin, ProjectedFrame } from '../contracts/frames';
import type { LatentStatistics } from '../contracts/latent-statistics';
import { defaultMinScore } from '../landmarks/locate';
import { defaultSmoothing } from '../landmarks/smooth-quad';
import type { LossTerm } from '../losses/loss-term';
import { numbersHash, pictureHash } from './hashes';
import type { ProjectSequenceOptions } from './options';
import type { RefineSettings, Settings } from './settings';

/** Number of components of ŵ that identify a generator. */
const components = 16;

/** The origin of all frames of a run, without the driver frame. */
export type RunOrigin = Omit<FrameOrigin, 'driver'>;

/** Collects what decides the latents of a run. */
export async function originOf(
  options: ProjectSequenceOptions,
  settings: Settings,
  statistics: LatentStatistics,
  { aligned, length }: { readonly aligned: boolean; readonly length: number | undefined },
): Promise<RunOrigin> {
  return {
    sdk: version,
    settings: {
      ...(await settingsOf(options, settings, statistics, aligned)),
      ...targetSettings(settings),
      ...clipSettings(options, settings, aligned, length),
    },
    mean: [...statistics.mean.slice(0, components)],
    look: options.look && (await pictureHash(options.look)),
  };
}

/** Settings that `resumeChanged` does not cover: they decide what coordinates mean, and whose face it is. */
const lasting = new Set(['mode', 'space']);

/**
 * Refuses to resume from a frame that this run would make differently.
 *
 * @param changed whether its settings may differ.
 * @throws FaceanimError `resume-mismatch` that lists what differs.
 */
export function checkOrigin(
  { index, origin }: ProjectedFrame,
  expected: FrameOrigin,
  frame: number,
  { std }: LatentStatistics,
  changed = false,
): void {
  if (isRefined(origin)) {
    throw new FaceanimError('resume-mismatch', `Frame ${index} to resume from is refined.`, {
      frame,
      hint: 'Resume with the frames of the first pass, which refine.onFrame gets.',
    });
  }
  const differences = [
    ...runDifferences(origin, expected, std, changed),
    ...(differ(origin.driver, expected.driver) ? [`frame ${frame} of the driver is another one`] : []),
  ];
  if (differences.length === 0) return;
  throw new FaceanimError(
    'resume-mismatch',
    `Frame ${index} to resume from belongs to another run: ${differences.join('; ')}.`,
    {
      frame,
      hint: changed
        ? 'Start over without resume.'
        : 'Resume with the settings of the first run, pass resumeChanged to go on with others, or start over without resume.',
    },
  );
}

/**
 * Refuses to optimise a prepared clip otherwise than it was prepared for.
 *
 * @throws FaceanimError `resume-mismatch` that lists what differs.
 */
export function checkPrepared(origin: RunOrigin, expected: RunOrigin, { std }: LatentStatistics): void {
  const differences = runDifferences(origin, expected, std);
  if (differences.length === 0) return;
  throw new FaceanimError(
    'resume-mismatch',
    `The clip was prepared for another run: ${differences.join('; ')}.`,
    { hint: 'Pass the options that prepareClip got, or prepare it again.' },
  );
}

/** In what two runs differ, apart from their driver. */
export function runDifferences(before: RunOrigin, now: RunOrigin, std: number, changed = false): string[] {
  return [
    ...(before.sdk === now.sdk
      ? []
      : [`it was made by version ${before.sdk} of the SDK, this is ${now.sdk}`]),
    ...settingDifferences(before.settings, now.settings, changed),
    ...(sameMean(before.mean, now.mean, std) ? [] : ['the generator is another one']),
    ...(differ(before.look, now.look) ? ['the look is another picture'] : []),
  ];
}

function settingDifferences(
  before: FrameOrigin['settings'],
  now: FrameOrigin['settings'],
  changed: boolean,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const text = (value: string | number | boolean | undefined) =>
    value === undefined ? 'none' : String(value);
  return names
    .filter((name) => before[name] !== now[name] && (!changed || lasting.has(name)))
    .map((name) => `${name} was ${text(before[name])} and is ${text(now[name])}`);
}

/** Compares relative to the deviation of the latents, since backends round differently. */
function sameMean(a: readonly number[], b: readonly number[], std: number): boolean {
  return a.length === b.length && a.every((x, i) => Math.abs(x - b[i]!) <= 1e-3 * (std + Math.abs(x)));
}

/** Whether both are known and differ. */
function differ(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/** The origin of a frame that was refined with these settings. */
export function refinedOrigin(origin: FrameOrigin, { window, steps }: RefineSettings): FrameOrigin {
  return { ...origin, settings: { ...origin.settings, 'refine.window': window, 'refine.steps': steps } };
}

/** The origin that a frame had before it was refined. */
export function firstPassOrigin(origin: FrameOrigin): FrameOrigin {
  const { 'refine.window': _window, 'refine.steps': _steps, ...settings } = origin.settings;
  return { ...origin, settings };
}

const isRefined = ({ settings }: FrameOrigin) => settings['refine.window'] !== undefined;

/** The options that affect latents, with what they come to; see {@link FrameOrigin.settings}. */
async function settingsOf(
  options: ProjectSequenceOptions,
  // Frames that are resumed are those before refinement.
  {
    losses,
    optimizer,
    stop,
    target: _target,
    refine: _refine,
    resumed: _resumed,
    readEvery,
    ...settings
  }: Settings,
  statistics: LatentStatistics,
  aligned: boolean,
): Promise<FrameOrigin['settings']> {
  const { generator, look, tracking, encoder, initial, noiseMaps = 'const' } = options;
  const { initial: maps, ...noise } = typeof noiseMaps === 'object' ? noiseMaps : {};
  return flatten({
    mode: look ? 'identity' : 'free',
    ...settings,
    losses: Object.fromEntries(losses.flatMap(settingsOfTerm)),
    optimizer: { ...optimizer.settings, name: optimizer.name },
    tracking: {
      ...(aligned
        ? { align: 'before' }
        : { align: 'frame', face: 'largest', onMissingFace: 'hold', smoothing: defaultSmoothing }),
      minScore: defaultMinScore,
      ...defined(tracking),
    },
    synthesisResolution: stop?.resolution ?? generator.resolution,
    // Early stopping decides at the steps at which losses are read.
    readEvery: settings.earlyStopping ? readEvery : undefined,
    noiseMaps:
      typeof noiseMaps === 'object' ? { ...noise, initial: maps && (await numbersHash(maps)) } : noiseMaps,
    initial: initial && (await numbersHash({ ws: initial.data })),
    statistics: statistics.sampled ?? (await statisticsHash(statistics)),
    encoder: look !== undefined && encoder !== undefined,
  });
}

function targetSettings({ target }: Settings): FrameOrigin['settings'] {
  return flatten({ target: { ...target?.settings, name: target?.name ?? 'driver' } });
}

/** The length of the clip, if frames depend on later ones: by their target, or by crops that are smoothed over time. */
function clipSettings(
  { tracking }: ProjectSequenceOptions,
  { target }: Settings,
  aligned: boolean,
  length: number | undefined,
): FrameOrigin['settings'] {
  const smoothed = !aligned && (tracking?.align ?? 'frame') === 'frame';
  return target || smoothed ? flatten({ driver: { frames: length } }) : {};
}

/** The length of the clip that a frame was made from, if the frame depends on it and the length was known. */
export function clipLength({ settings }: RunOrigin): number | undefined {
  const length = settings['driver.frames'];
  return typeof length === 'number' ? length : undefined;
}

/** The options that are given. */
function defined(options: object = {}): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** The weight of a term by its name, and its settings as `heatmaps.form` and so on. */
function settingsOfTerm({ name, weight, relative, settings }: LossTerm): (readonly [string, unknown])[] {
  const others = Object.entries({ relative, ...settings });
  return [[name, weight], ...others.map(([key, value]) => [`${name}.${key}`, value] as const)];
}

/** A hash of statistics that do not say how they were sampled. */
function statisticsHash({ mean, std, covariance }: LatentStatistics): Promise<string | undefined> {
  return numbersHash({ mean, std: [std], covariance });
}

/** Values by path, e.g. `steps.first`; a function becomes the string `function`, and undefined values are left out. */
function flatten(value: object, prefix = ''): Record<string, string | number | boolean> {
  const flat: Record<string, string | number | boolean> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    if (typeof inner === 'object' && inner !== null) Object.assign(flat, flatten(inner, `${prefix}${name}.`));
    else flat[prefix + name] = typeof inner === 'function' ? 'function' : inner;
  }
  return flat;
}

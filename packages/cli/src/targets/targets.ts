import type { LookAlignment, MotionTarget, RgbImage } from '@faceanim/core';
import {
  type AlignedFrame,
  type Alignment,
  centredSquare,
  defaultMinScore,
  detectLandmarks,
  type Landmarks,
  trackClip,
} from '@faceanim/core/landmarks';
import { checkImageOutput, checkVideoOutput, writeVideo } from '@faceanim/media';
import { writeFileAtomic } from '@faceanim/media/files';
import { landmarkModel } from '@faceanim/models';
import { FaceanimError } from '@faceanim/tensor';
import { decidingFlags } from '../animate/deciding-flags';
import { alignLook, readLook } from '../animate/look';
import { type MotionFlags, motionOnLook } from '../animate/motion-flags';
import { type DriverPlan, planDriver } from '../animate/plan-driver';
import { driverTime, irregularTimes } from '../animate/timing';
import { checkInputs, namedPaths } from '../files/inputs';
import { checkOutputs } from '../files/outputs';
import { refuseStdout } from '../files/stdout';
import { type BackendFlags, openChosenBackend } from '../networks/backend';
import { openNetworks, type RunNetworks } from '../networks/networks';
import { measureMotion, shotRanges } from '../report/motion';
import { counted } from '../terminal/counted';
import { inFile, warningsOf } from '../terminal/in-file';
import { createReporter } from '../terminal/progress';
import { type Preview, previewPicture, previewVideo } from './preview';

/** The flags of `faceanim targets`. */
export interface TargetsOptions extends BackendFlags, MotionFlags {
  driver: string;
  look: string;
  out?: string;
  /** Default `identity`. */
  mode?: 'identity' | 'mouth';
  align?: Alignment;
  /** Whether the driver's sound is copied. Default true. */
  audio?: boolean;
  start?: number;
  every?: number;
  limit?: number;
  alignLook?: LookAlignment;
  fan?: string;
  fanModules?: number;
  overwrite?: boolean;
  quiet?: boolean;
}

/** Side of the aligned look in pixels. */
const side = 256;

/** Adds the usual format of targets to those of an animation. */
function namingPng(error: unknown): never {
  if (!FaceanimError.isInstance(error, 'invalid-option') || !error.hint?.startsWith('Use .mp4')) throw error;
  const { code, message, file } = error;
  const hint = error.hint.replace('Use ', 'Use .png for a picture, ');
  throw new FaceanimError(code, message, { file, hint, cause: error });
}

/** `faceanim targets`: draws what a run would follow, without optimising. */
export async function targetsCommand(options: TargetsOptions, signal: AbortSignal): Promise<void> {
  const { driver, out = 'targets.png', start, every = 1, overwrite = false, quiet } = options;
  refuseStdout(out);
  const inputs = namedPaths({
    '--driver': driver,
    '--look': options.look,
    '--blend': options.blend,
    '--fan': options.fan,
  });
  await checkInputs(inputs, ['--driver', '--blend']);
  const plan = await planDriver({ ...options, subframes: 1 }, signal);
  const isPicture = out.toLowerCase().endsWith('.png');
  await checkOutputs([{ name: '--out', path: out }], inputs);
  if (isPicture) await checkImageOutput(out, { overwrite });
  else await checkVideoOutput(out, { fps: plan.fps, audio: plan.audio, overwrite }).catch(namingPng);
  const picture = await readLook(options.look);

  const reporter = createReporter({ quiet, main: 'track' });
  const { progress: onProgress, warn: onWarning } = reporter;
  try {
    await using _backend = await openChosenBackend(options, { signal, onProgress });
    using networks = await openNetworks(options, {
      only: ['landmarkNet', 'landmarkModel'],
      signal,
      onProgress,
    });
    const { landmarkNet } = networks;
    const { alignLook: lookAlign, lookFace, minScore, face, onMissingFace } = options;
    const look = await alignLook(picture, options.look, {
      ...{
        generator: { resolution: side },
        landmarkNet,
        align: lookAlign,
        face: lookFace,
        minScore,
        signal,
        onProgress,
        onWarning,
      },
    });
    const { gain, pose, align } = decidingFlags(options);
    const target = await motionOnLook({ ...options, gain, pose }, networks, { signal, onWarning });
    const read = { start, limit: plan.read, timing: 'source', signal, onWarning } as const;
    const frames = await trackClip(plan.driver.frames(read), {
      ...{ landmarkNet, align, face, onMissingFace, minScore, signal, onProgress },
      frames: plan.frames && (plan.frames - 1) * every + 1,
      onWarning: warningsOf(driver, onWarning, '--face'),
    }).catch((error) => {
      throw inFile(error, driver);
    });
    const preview = await previewOf(frames, look, await landmarksOfLook(look, options, networks), target, {
      every,
      signal,
    });
    if (isPicture) await writeFileAtomic(out, await previewPicture(preview), { overwrite });
    else
      await writeVideo(out, previewVideo(preview), {
        ...rateOf(preview, plan),
        ...{ audio: plan.audio, aiGenerated: false, overwrite, signal, onWarning },
      });
    process.stdout.write(`${counted(preview.frames.length, 'frame')}: ${out}\n`);
  } finally {
    reporter.stop();
  }
}

/** The speed of the driver. Where frames are left out, the one before is shown longer. */
function rateOf(
  { frames }: Preview,
  { fps, driverClock }: DriverPlan,
): { fps: number } | { times: readonly number[] } {
  const timeOf = ({ index }: Preview['frames'][number]) => driverTime(driverClock, index);
  const times = irregularTimes(
    frames.map((frame) => timeOf(frame) - timeOf(frames[0]!)),
    fps,
  );
  return times ? { times } : { fps };
}

async function landmarksOfLook(
  image: RgbImage,
  { look: file, minScore = defaultMinScore }: TargetsOptions,
  { landmarkNet }: RunNetworks<'landmarkNet'>,
): Promise<Landmarks> {
  const { landmarks, score } = await detectLandmarks(image, centredSquare(image), landmarkNet);
  if (score >= minScore) return landmarks;
  throw new FaceanimError('no-face', `No face was found in the look ${file}.`, {
    file,
    hint: 'Leave out --align-look never, or use a picture with one large face.',
  });
}

/** Targets of all frames, shot by shot as a run computes them; every n-th is shown. */
async function previewOf(
  frames: readonly AlignedFrame[],
  look: RgbImage,
  lookLandmarks: Landmarks,
  target: MotionTarget,
  { every, signal }: { every: number; signal: AbortSignal },
): Promise<Preview> {
  const targets: Landmarks[] = [];
  for (const [from, to] of shotRanges(frames)) {
    const shot = frames.slice(from, to);
    const { width: size } = frames[0]!.image;
    const clip = { frames: shot, driver: frames, size, look: lookLandmarks, signal };
    const found = await target.landmarks(clip);
    const first = found.find((landmarks) => landmarks !== undefined);
    if (!first) throw noTargets(shot[0]!.index);
    // As in a run, a frame without a target has that of the frame before.
    for (const [i, landmarks] of found.entries())
      targets.push(landmarks ?? (i > 0 ? targets.at(-1)! : first));
  }
  const all = frames.map(({ index, image, alignedLandmarks }, i) => {
    const relative = (landmarks: Landmarks) => landmarks.map((value) => value / image.width);
    return { index, driver: image, landmarks: relative(alignedLandmarks), target: relative(targets[i]!) };
  });
  const shown = (_: unknown, i: number) => i % every === 0;
  const model = await landmarkModel();
  const shots = shotRanges(frames.filter(shown));
  const previewed = all.filter(shown);
  const motion = (which: 'landmarks' | 'target') =>
    measureMotion(
      previewed.map((frame) => frame[which]),
      model,
      shots,
    );
  return {
    look,
    frames: previewed,
    motion: { driver: await motion('landmarks'), target: await motion('target') },
  };
}

function noTargets(frame: number): FaceanimError {
  return new FaceanimError('no-face', `No target spans a face in the shot that begins with frame ${frame}.`, {
    frame,
    hint: 'Use a smaller --gain or --blend-share, or leave out the shot.',
  });
}

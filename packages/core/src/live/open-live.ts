import { TensorBag, throwIfAborted } from '@faceanim/tensor';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { TargetedFrame } from '../contracts/motion-target';
import { centredSquare } from '../images/quad';
import { detectLandmarks } from '../landmarks/detect';
import { recordedNet } from '../optimization/recorded-net';
import { stepPrograms } from '../optimization/step-programs';
import { lookFrame } from '../sequence/look-frame';
import { projectLook, startAtLook } from '../sequence/look-latent';
import { lookFaceOf, prepareRun } from '../sequence/prepare-run';
import { progressClock } from '../sequence/progress-clock';
import { openSession } from '../sequence/session';
import { measureShape } from '../sequence/targets';
import { liveDriver } from './live-driver';
import { liveMotion } from './live-motion';
import { liveSession } from './live-session';
import { type LiveSolver, liveSolver } from './live-solver';
import type { Live, LiveOptions } from './options';
import { type Pace, pace } from './pace';
import { liveSettings } from './settings';

/** The programs of a session: the steps (one more for each set of terms with a weight), drawing, targets, and finding landmarks. */
const programLimit = 6;

/**
 * Opens a session that animates a look after a live driver, such as a camera: each picture gets as many steps as fit into a
 * time budget, with what is known at that moment. Nothing is trained.
 *
 * Opening projects the look, which takes 60 steps, and prepares the programs of the backend. The first frame, and the first
 * after a lost face, starts at the look, moved by the encoder's guess; every other one at the frame before. A picture without
 * a face holds the last result.
 *
 * @example
 * using live = await openLive({ ...models, backend, look });
 * for await (const { image, latencyMs, steps } of live.animate(camera)) draw(image);
 *
 * @throws {FaceanimError} `invalid-option`; `no-face` for the look; `diverged`; `aborted`. No tensors are leaked.
 *
 * @category Live
 */
export async function openLive(options: LiveOptions): Promise<Live> {
  const { run, settings, budgetMs, most, lag } = liveSettings(options);
  const { backend, generator, look, landmarkNet, landmarkModel, signal, onProgress, onWarning } = options;
  throwIfAborted(signal);
  await backend?.activate();
  const owned = new TensorBag();
  try {
    const session = owned.use(await openSession(run));
    const face = (await lookFrame(run, settings))!;
    const base = prepareRun(run, settings, session, owned);
    const clock = progressClock({ steps: settings.steps, compiles: true, onProgress });
    const layers = session.space('whitened-w+');
    const projected = await projectLook({ ...base, clock }, face, layers);
    const start = startAtLook(base, face, projected, owned);
    const programs = owned.use(stepPrograms(backend, programLimit));
    const retargeting = settings.target !== undefined;
    const heatmapShape = retargeting
      ? { net: landmarkNet, shape: await measureShape([look], landmarkNet) }
      : undefined;
    const lookFace = retargeting ? lookFaceOf(look, face.landmarks) : undefined;
    const solver = liveSolver({ ...base, ...start, programs, heatmapShape, lookFace });
    const { face: choice, locate, minScore, smoothing } = options.tracking ?? {};
    const { gain, pose } = options;
    const motion =
      retargeting && landmarkModel
        ? liveMotion({ model: landmarkModel, look: face.landmarks, lag, gain, pose })
        : undefined;
    const net = recordedNet(landmarkNet, programs, { coarse: true });
    const driver = liveDriver({
      ...{ landmarkNet: net, face: choice, locate, minScore, smoothing, onWarning, motion },
    });
    const still = { ...face, targetLandmarks: retargeting ? face.alignedLandmarks : undefined };
    const steps = await measuredPace(net, solver, still, { budgetMs, most, signal });
    const drawn = await solver.drawLook();
    const { latent } = start.from;
    return liveSession({ owned, driver, solver, pace: steps, drawn, look: latent, generator, backend });
  } catch (error) {
    owned[Symbol.dispose]();
    throw error;
  }
}

/** Runs every program, which compiles and records it, and then times the steps on the look. */
async function measuredPace(
  net: LandmarkNet,
  solver: LiveSolver,
  look: TargetedFrame,
  { budgetMs, most, signal }: { budgetMs: number; most: number; signal: AbortSignal | undefined },
): Promise<Pace> {
  for (let run = 0; run < 2; run++) await detectLandmarks(look.image, centredSquare(look.image), net);
  const solve = async (steps: number) => await (await solver.solve(look, true, steps, signal)).result;
  await solve(3);
  const [few, many] = [2, 4];
  const [oneMs, fewMs, manyMs] = [
    await timed(() => solve(1)),
    await timed(() => solve(few)),
    await timed(() => solve(many)),
  ];
  const stepMs = Math.max(0, manyMs - fewMs) / (many - few);
  const besideMs = Math.max(0, fewMs - few * stepMs);
  const steps = pace({ budgetMs, besideMs, drawMs: Math.max(0, oneMs - stepMs - besideMs), most });
  steps.note(many, manyMs);
  solver.restart();
  return steps;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

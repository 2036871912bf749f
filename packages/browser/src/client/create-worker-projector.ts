import type { Latent, PreparedLook, RgbImage, TargetedFrame } from '@faceanim/core';
import type { AudioOptions } from '@faceanim/media';
import { FaceanimError, type FaceanimErrorCode, throwIfAborted } from '@faceanim/tensor/errors';
import { checkOptions } from '@faceanim/tensor/options';
import type {
  Hooks,
  LatentInWorkerOptions,
  NetworkFiles,
  PrepareLookInWorkerOptions,
  RenderInWorkerOptions,
  TargetsInWorkerOptions,
  WorkerFrame,
  WorkerInfo,
  WorkerProjectOptions,
  WorkerProjectorOptions,
  WriteVideoInWorkerOptions,
} from '../options';
import type { Calls } from '../protocol/messages';
import { withAddresses } from './addresses';
import { projectorChecks } from './checks';
import { type Connection, connect } from './connection';
import { shownFile } from './shown-file';

/**
 * A worker that animates faces, so that the page stays responsive: it reads the media, computes, draws and encodes. Errors
 * arrive as they were thrown, as a `FaceanimError` with its code and hint. Disposing of it ends the worker and what it is
 * doing.
 */
export interface WorkerProjector extends Disposable {
  /** The backend and the generator of the worker. */
  readonly info: WorkerInfo;
  /**
   * Resolves when the worker can no longer be used, as `lost` of a `GPUDevice`: with `crashed` if it has ended by itself,
   * with the `device-lost` or `out-of-memory` that a call threw. Dispose of it then, and create another. Runs with `saveAs`
   * go on after their finished frames.
   */
  readonly lost: Promise<FaceanimError>;
  /**
   * Aligns a picture for use as a look; see `prepareLook`. {@link WorkerProjector.project} does this to picture files by
   * itself.
   *
   * @throws FaceanimError as `prepareLook` and `readImage`
   */
  prepareLook(options: PrepareLookInWorkerOptions): Promise<PreparedLook>;
  /**
   * Shows what {@link WorkerProjector.project} would follow, without optimising: each frame of the driver, cropped, with its
   * landmarks and, in `targetLandmarks`, where they should be in the result; both in pixels of the crop. Nothing arrives
   * before the whole driver is tracked. Runs that get the frames as `driver` need not track it again.
   *
   * @throws FaceanimError as {@link WorkerProjector.project}
   */
  targets(options: TargetsInWorkerOptions): AsyncGenerator<TargetedFrame, undefined>;
  /**
   * Runs `projectSequence` in the worker. Each frame arrives with its image as soon as it is finished; leaving the loop ends
   * the run. The worker is at most one frame ahead, so a loop that does not ask for the next frame pauses the run. Runs that
   * are started at the same time take place one after the other.
   *
   * @throws FaceanimError as `projectSequence`, `readImage` and `readVideo`; `invalid-option` for what cannot be sent to a
   *   worker; `io` if frames cannot be saved
   */
  project(options: WorkerProjectOptions): AsyncGenerator<WorkerFrame, undefined>;
  /**
   * Makes the latent of a face: a random one by its seed, or one with named factors. {@link WorkerProjector.render} draws it,
   * and its picture can be a look.
   *
   * @throws FaceanimError `invalid-option`, also for factors where the generator has none, see {@link WorkerInfo.factors}
   */
  latent(options?: LatentInWorkerOptions): Promise<Latent>;
  /**
   * Draws latents, with sub-frames in between; see `interpolate` and `render`. The worker is at most one image ahead.
   *
   * @throws FaceanimError as these
   */
  render(options: RenderInWorkerOptions): AsyncGenerator<RgbImage, undefined>;
  /**
   * Draws latents as {@link WorkerProjector.render} does and encodes them as a video; see `writeVideo`.
   *
   * @throws FaceanimError as these
   */
  writeVideo(options: WriteVideoInWorkerOptions): Promise<Blob>;
}

/**
 * Starts a worker that animates faces, and loads its backend and networks.
 *
 * @throws FaceanimError `io` if the worker or a file of weights cannot be loaded, with what to serve where;
 *   `backend-unavailable`; `invalid-option`, also for functions; `aborted`
 *
 * @example
 * const projector = await createWorkerProjector();
 * const frames = [];
 * for await (const frame of projector.project({ look: picture, driver: clip })) {
 *   draw(frame.image);
 *   frames.push(frame);
 * }
 * const video = await projector.writeVideo({ name: 'out.mp4', latents: frames, factor: 2, fps: 50 });
 */
export async function createWorkerProjector(options: WorkerProjectorOptions = {}): Promise<WorkerProjector> {
  checkOptions('createWorkerProjector', options, projectorChecks);
  throwIfAborted(options.signal);
  const { worker = startWorker(), signal, onProgress, models, ...rest } = options;
  let lose!: (error: FaceanimError) => void;
  const lost = new Promise<FaceanimError>((resolve) => (lose = resolve));
  const connection = connect(worker, (error) => {
    if (FaceanimError.isInstance(error) && fatal.has(error.code)) lose(error);
  });
  const close = (error: unknown) => {
    worker.terminate();
    connection.close(error);
  };
  // A worker that is busy or never answers would not hear of it.
  const stop = () => close(aborted(signal));
  signal?.addEventListener('abort', stop, { once: true });
  let info: WorkerInfo | undefined;
  const crash = (error: FaceanimError) => {
    close(error);
    lose(error);
  };
  worker.addEventListener('error', (event) =>
    crash(info ? crashed(event.message) : notLoaded(event, options.worker !== undefined)),
  );
  // Its call would wait for ever for an answer for which there was no memory.
  worker.addEventListener('messageerror', () => crash(crashed('an answer could not be received')));
  try {
    info = await lastOf(
      connection.call(
        'open',
        {
          ...rest,
          models: typeof models === 'object' ? networkAddresses(models) : models,
          avatar: rest.avatar && withAddresses(rest.avatar, 'folder'),
          backend: rest.backend && backendAddresses(rest.backend),
        },
        { onProgress },
      ),
    );
  } catch (error) {
    close(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return { info, lost, ...callsOf(connection), [Symbol.dispose]: () => close(disposed()) };
}

/** The literal tells bundlers to build the worker, too. */
function startWorker(): Worker {
  return new Worker(new URL('./faceanim-worker.js', import.meta.url), { type: 'module', name: 'faceanim' });
}

function callsOf(connection: Connection): Omit<WorkerProjector, 'info' | 'lost' | typeof Symbol.dispose> {
  return {
    prepareLook: (options) => lastOf(start(connection, 'prepareLook', withAddresses(options, 'look'))),
    project: (options) => start(connection, 'project', withInputs(options)),
    targets: (options) => start(connection, 'targets', withInputs(options)),
    latent: (options = {}) => lastOf(start(connection, 'latent', options)),
    render: (options) => start(connection, 'render', options),
    writeVideo: ({ audio, ...options }) =>
      lastOf(start(connection, 'writeVideo', { ...options, audio: audio && audioFor(audio) })),
  };
}

/** The options of a run with look and driver as a worker can read them. */
function withInputs<T extends TargetsInWorkerOptions | WorkerProjectOptions>(options: T): T {
  return withAddresses({ ...options, driver: shownFile(options.driver, 'driver') }, 'look', 'driver');
}

/** Sound whose source a worker can read. */
function audioFor(audio: NonNullable<WriteVideoInWorkerOptions['audio']>): AudioOptions {
  const source = shownFile(audio.source, 'audio.source') as AudioOptions['source'];
  return withAddresses({ ...audio, source }, 'source');
}

/** Makes a call whose hooks are among its options. */
function start<Name extends keyof Calls>(
  connection: Connection,
  name: Name,
  { signal, onProgress, onWarning, ...options }: Calls[Name]['options'] & Hooks,
) {
  return connection.call(name, options as Calls[Name]['options'], { signal, onProgress, onWarning });
}

/** What a stream returns at its end. */
async function lastOf<Result>(stream: AsyncGenerator<unknown, Result>): Promise<Result> {
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return value as Result;
  }
}

function networkAddresses({ perceptual, ...files }: NetworkFiles): NetworkFiles {
  return {
    ...withAddresses(files, 'generator', 'landmarkNet', 'encoder'),
    perceptual: perceptual && withAddresses(perceptual, 'trunk', 'heads'),
  };
}

function backendAddresses(options: NonNullable<WorkerProjectorOptions['backend']>): typeof options {
  const { wasmPaths } = options;
  if (typeof wasmPaths !== 'object' || wasmPaths instanceof URL) return withAddresses(options, 'wasmPaths');
  return { ...options, wasmPaths: withAddresses(wasmPaths, ...Object.keys(wasmPaths)) };
}

function notLoaded({ message }: ErrorEvent, passed: boolean): FaceanimError {
  const reason = message ? `: ${message}` : '';
  return new FaceanimError('io', `The worker could not be loaded${reason}.`, { hint: loadingHint(passed) });
}

function loadingHint(passed: boolean): string {
  if (passed)
    return 'Check the address of the worker that you pass, that it is a module, and that its imports are bundled.';
  return import.meta.url.includes('/.vite/deps/')
    ? `Add to vite.config: optimizeDeps: { include: [${viteIncludes.map((name) => `'@faceanim/${name}'`).join(', ')}] }`
    : 'Build @faceanim/browser/faceanim-worker and serve it as faceanim-worker.js beside the script, or pass `worker`.';
}

/** What the worker imports: Vite's development server bundles only what it finds in the page. */
const viteIncludes = ['backend-web', 'core', 'core/retargeting', 'media', 'models', 'tensor'];

/** Errors after which a backend may not compute any more. */
const fatal: ReadonlySet<FaceanimErrorCode> = new Set(['device-lost', 'out-of-memory']);

function crashed(reason: string): FaceanimError {
  return new FaceanimError('crashed', `The worker crashed: ${reason || 'the browser gives no reason'}.`, {
    hint: 'Create another projector. A run with saveAs goes on after its finished frames.',
  });
}

function aborted(signal: AbortSignal | undefined): FaceanimError {
  return new FaceanimError('aborted', 'The loading was aborted.', { cause: signal?.reason });
}

function disposed(): FaceanimError {
  return new FaceanimError('aborted', 'The worker was ended: its projector was disposed of.', {
    hint: 'Dispose of a projector after its last call.',
  });
}

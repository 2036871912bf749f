import { MessageChannel } from 'node:worker_threads';
import { openBackend } from '@faceanim/backend-node';
import { FaceanimError, type MotionTarget, type ProgressEvent } from '@faceanim/core';
import { prior } from '@faceanim/core/losses';
import { tinyDriver, tinyNetworks } from '@faceanim/core/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, it, vi } from 'vitest';
import { createWorkerProjector, imageData, type WorkerFrame, type WorkerProjectOptions } from '../src';
import type { MessageEnd } from '../src/protocol/messages';
import { ofSavedRun } from '../src/saved/another-run';
import { type OpenModels, serveProjector, type WorkerModels } from '../src/worker';

const opened: Disposable[] = [];
afterEach(() => {
  for (const each of opened.splice(0).reverse()) each[Symbol.dispose]();
});

/** A worker in this thread: both ends of a channel, between which everything is cloned. */
function startWorker(open: OpenModels): Worker {
  const { port1, port2 } = new MessageChannel();
  serveProjector(open, port2 as unknown as MessageEnd);
  port2.start();
  port1.start();
  return Object.assign(port1, { terminate: () => port1.close() }) as unknown as Worker;
}

/** A projector with tiny networks, which see no faces: looks and drivers have to be aligned. */
async function tinyProjector(more: Partial<WorkerModels> = {}) {
  const worker = tinyWorker(more);
  const projector = await createWorkerProjector({ worker });
  opened.push(projector);
  return projector;
}

function tinyWorker(more: Partial<WorkerModels> = {}) {
  return startWorker(async () => {
    const backend = await openBackend({ prefer: 'js' });
    const { generator, landmarkNet, perceptual } = tinyNetworks();
    const networks = { generator, landmarkNet, perceptual, statistics: { samples: 300 } };
    return { ...networks, backend, defaults: { losses: [prior()] }, ...more };
  });
}

/** A target that moves the landmarks of the driver by its frame index. */
const shifted: MotionTarget = {
  specificationVersion: 'v1',
  name: 'shifted',
  landmarks: ({ frames }) => frames.map(({ index, landmarks }) => landmarks.map((value) => value + index)),
};

const options: WorkerProjectOptions = {
  driver: tinyDriver(3),
  steps: { first: 4, next: 2 },
  seed: 3,
};

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

it('projects and draws in the worker, and streams frames with their images', async () => {
  const projector = await tinyProjector();
  expect(projector.info).toMatchObject({
    backend: { name: 'js', skipped: [] },
    generator: { resolution: 16 },
  });
  const events: ProgressEvent[] = [];
  const seen: { frame: number; step?: number }[] = [];
  const frames: WorkerFrame[] = [];
  const onProgress = (event: ProgressEvent) => {
    events.push(event);
    seen.push({ frame: frames.length, step: event.step });
  };
  for await (const frame of projector.project({ ...options, onProgress })) frames.push(frame);
  expect(frames.map(({ index, image }) => [index, image?.width, image?.data.length])).toEqual(
    [0, 1, 2].map((index) => [index, 16, 16 * 16 * 3]),
  );
  expect(events.some(({ stage }) => stage === 'optimize')).toBe(true);
  expect(
    seen.some(({ frame, step }) => frame === 1 && step !== undefined),
    'while later ones run',
  ).toBe(true);

  const images = await collect(projector.render({ latents: frames, factor: 2 }));
  expect(images).toHaveLength(5);
  expect(images[2]).toEqual(frames[1]!.image);
});

it('prepares looks in a worker with defaults of its own', async () => {
  const projector = await tinyProjector();
  const { image } = tinyDriver(1)[0]!;
  expect(await projector.prepareLook({ look: image, align: 'never' })).toMatchObject({
    width: 16,
    height: 16,
  });
});

it('converts images for a canvas', () => {
  vi.stubGlobal(
    'ImageData',
    class {
      data: Uint8ClampedArray;
      constructor(
        readonly width: number,
        readonly height: number,
      ) {
        this.data = new Uint8ClampedArray(4 * width * height);
      }
    },
  );
  const image = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  expect(imageData(image)).toEqual({
    ...{ width: 2, height: 1 },
    data: Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 255),
  });
  vi.unstubAllGlobals();
});

it('is at most one frame and one image ahead of what is pulled', async () => {
  const projector = await tinyProjector();
  const begun = new Set<number>();
  const onProgress = ({ stage, frame }: ProgressEvent) => {
    if (stage === 'optimize' || stage === 'render') begun.add(frame!);
  };
  const [first] = await collect(projector.project({ ...options, driver: tinyDriver(1) }));
  const calls: AsyncGenerator<unknown>[] = [
    projector.render({ latents: Array(6).fill(first), onProgress }),
    projector.project({ ...options, driver: tinyDriver(6), onProgress }),
  ];
  for (const items of calls) {
    begun.clear();
    await items.next();
    await expect.poll(() => [...begun]).toContain(1);
    // Time enough to begin the next ones.
    for (let i = 0; i < 20; i++) await collect(projector.render({ latents: [first!] }));
    expect([...begun]).toEqual([0, 1]);
    expect(await collect(items), 'goes on when it is pulled').toHaveLength(5);
  }
});

it('ends with what a listener throws, also while nothing is pulled', async () => {
  const projector = await tinyProjector();
  const onProgress = ({ frame }: ProgressEvent) => {
    if (frame === 1) throw new Error('from a listener');
  };
  const frames = projector.project({ ...options, onProgress });
  await frames.next();
  await expect(collect(frames)).rejects.toThrow('from a listener');
  expect(await collect(projector.project(options))).toHaveLength(3);
});

it('goes on after frames that were finished, to the same latents', async () => {
  const projector = await tinyProjector();
  const whole = await collect(projector.project({ ...options, images: false }));
  expect(whole[0]).not.toHaveProperty('image');
  const resumed = await collect(projector.project({ ...options, resume: whole.slice(0, 1) }));
  expect(resumed.map(({ latent }) => latent)).toEqual(whole.map(({ latent }) => latent));
});

it('keeps the code, hint and details of errors', async () => {
  const projector = await tinyProjector();
  const run = collect(projector.project({ ...options, steps: { first: 0 } }));
  const error = await run.catch((error: unknown) => error);
  expect(FaceanimError.isInstance(error, 'invalid-option')).toBe(true);
  expect(error).toMatchObject({ message: 'steps.first must be a whole number from 1, got 0.' });
  const unknown = collect(projector.project({ ...options, step: { first: 2 } } as never));
  await expect(unknown).rejects.toMatchObject({ code: 'invalid-option', hint: 'Did you mean steps?' });
  await expect(collect(projector.project({ ...options, mode: 'mouht' as never }))).rejects.toMatchObject({
    message: 'mode must be one of identity, mouth, free, got "mouht".',
    hint: 'Did you mean mouth?',
  });
});

it('says that it is lost when its worker crashes', async () => {
  const worker = tinyWorker();
  const projector = await createWorkerProjector({ worker });
  const run = collect(projector.project(options));
  worker.dispatchEvent(Object.assign(new Event('error'), { message: 'Uncaught RangeError' }));
  const crashed = { code: 'crashed', message: 'The worker crashed: Uncaught RangeError.' };
  await expect(run).rejects.toMatchObject(crashed);
  await expect(collect(projector.project(options))).rejects.toMatchObject(crashed);
  expect(await projector.lost).toMatchObject(crashed);
});

it('does not wait for an answer that could not be received', async () => {
  const worker = tinyWorker();
  const projector = await createWorkerProjector({ worker });
  const run = collect(projector.project(options));
  worker.dispatchEvent(new Event('messageerror'));
  await expect(run).rejects.toMatchObject({ code: 'crashed', hint: expect.stringContaining('saveAs') });
});

it('says of errors about the look and the driver which of them it is', async () => {
  const projector = await tinyProjector();
  const dot = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
  const [picture, text] = [new Blob([dot]), new Blob(['no picture'])];
  const driver = tinyDriver(1);
  const tracking = { minScore: 2 };
  const faults: [options: Partial<WorkerProjectOptions>, code: string, message: string][] = [
    [{ look: text, driver }, 'media', 'The look blob '],
    [{ look: picture, driver, tracking }, 'no-face', 'The look blob: No face was found'],
    [{ driver: text }, 'media', 'The driver blob '],
    [{ driver: picture, tracking }, 'no-face', 'The driver blob: No face was found'],
  ];
  const searched: (number | undefined)[] = [];
  const onProgress = ({ fraction }: ProgressEvent) => searched.push(fraction);
  for (const [given, code, message] of faults) {
    const run = collect(projector.project({ ...options, ...given, onProgress }));
    await expect(run, message).rejects.toMatchObject({
      ...{ code, file: 'blob', message: expect.stringContaining(message) },
    });
  }
  expect(searched, 'of the search for the face of the look').toContain(1);
  await expect(projector.prepareLook({ look: text })).rejects.toMatchObject({
    message: expect.stringContaining('The look blob '),
  });
  // With one name, it may be either.
  searched.length = 0;
  const both = collect(projector.project({ ...options, look: picture, driver: text, onProgress }));
  await expect(both).rejects.toMatchObject({ code: 'media', message: expect.stringMatching(/^blob /) });
  expect(searched, 'the driver is opened before').toEqual([]);
});

it('says what to do about saved frames of another run, or of one that was aborted', () => {
  const mismatch = new FaceanimError('resume-mismatch', 'Another look.', {
    hint: 'without resume',
    frame: 0,
  });
  const smile = { name: 'smile', finished: 3, resumeChanged: false };
  expect(ofSavedRun(mismatch, smile)).toMatchObject({
    code: 'resume-mismatch',
    hint: expect.stringMatching(/^Save this run under another name, pass resumeChanged/),
    message: 'The frames saved as smile differ. Another look.',
  });
  expect(ofSavedRun(mismatch, { ...smile, resumeChanged: true })).toMatchObject({
    hint: expect.not.stringContaining('Changed'),
  });
  const aborted = { frame: 3, step: 1, cause: 'closed' };
  // Also where the SDK knows of none, as in the drawing of an image.
  for (const hint of ['with resume', undefined]) {
    const stopped = new FaceanimError('aborted', 'Stopped.', { ...aborted, hint });
    expect(ofSavedRun(stopped, smile)).toMatchObject({
      ...{ ...aborted, code: 'aborted', message: 'Stopped.' },
      hint: "To go on after the finished frames, start it again with saveAs: 'smile'.",
    });
    expect(ofSavedRun(stopped, { ...smile, finished: 0 })).toBe(stopped);
  }
  const other = new Error('other');
  expect(ofSavedRun(other, smile)).toBe(other);
});

it('says that it is lost when its backend cannot go on', async () => {
  const lost = new FaceanimError('device-lost', 'The GPU was reset.');
  const term = {
    ...prior(),
    value() {
      throw lost;
    },
  };
  const projector = await tinyProjector({ defaults: { losses: [term] } });
  await expect(collect(projector.project(options))).rejects.toMatchObject({ code: 'device-lost' });
  expect(await projector.lost).toMatchObject({ code: 'device-lost', message: 'The GPU was reset.' });
});

it('refuses functions, which cannot be sent', async () => {
  const projector = await tinyProjector();
  const losses = { ...options, losses: [prior()] } as never;
  await expect(collect(projector.project(losses))).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringMatching(/^losses cannot be sent to the worker: /),
    hint: expect.stringContaining('serveProjector()'),
  });
});

it('refuses wrong options before it reads the look and the driver', async () => {
  const projector = await tinyProjector();
  const broken = { look: new Blob(['no picture']), driver: new Blob(['no video']) };
  const wrong: [message: string, Partial<WorkerProjectOptions>][] = [
    ['steps.first must be a whole number from 1, got 0.', { steps: { first: 0 } }],
    ['read.every must be a whole number from 1, got 0.', { read: { every: 0 } }],
    ['tracking.minScore must be a number from 0, got -1.', { tracking: { minScore: -1 } }],
    ['refine.window must be a whole number from 2, got 1.', { refine: { window: 1 } }],
    ['driver must be a video file, its address or a list of frames, got 3.', { driver: 3 as never }],
    [
      'look must be a picture file, its address or an image, got an array of 1.',
      { look: [broken.look] as never },
    ],
  ];
  for (const [message, given] of wrong) {
    const run = collect(projector.project({ ...broken, ...given }));
    await expect(run).rejects.toMatchObject({ code: 'invalid-option', message });
  }
  await expect(collect(projector.project(broken))).rejects.toMatchObject({ code: 'media' });
  expect(() => projector.project({ driver: 'http://' })).toThrow('driver must be a file or an address');
});

it('shows the targets of a driver, in frames that a run can follow', async () => {
  const projector = await tinyProjector({ defaults: { losses: [prior()], target: shifted } });
  const [look] = await collect(projector.render({ latents: [await projector.latent()] }));
  const chosen = { look: look!, tracking: { minScore: 0 } };
  const targets = await collect(projector.targets({ ...chosen, driver: tinyDriver(5), every: 2 }));
  expect(
    targets.map(({ index, image, targetLandmarks }) => [index, image.width, targetLandmarks![0]]),
  ).toEqual([0, 2, 4].map((index) => [index, 16, 8 + index]));
  const steps = { look: 0, first: 1, next: 1 };
  const frames = await collect(projector.project({ ...chosen, driver: targets, steps }));
  expect(frames.map(({ driver }) => driver)).toEqual(targets);
  for (const wrong of [{ steps }, { mode: 'free' }, { look: undefined }]) {
    const call = projector.targets({ ...chosen, driver: tinyDriver(1), ...wrong } as never);
    await expect(collect(call)).rejects.toMatchObject({ code: 'invalid-option' });
  }
});

it('makes latents by seed and by named factors, which can be drawn and used as a look', async () => {
  const factors = { zDim: 6, columns: [{ index: 0, name: 'age', group: 'person' }], expressions: {} };
  const projector = await tinyProjector({ factors });
  expect(projector.info.factors).toEqual(factors);
  const plain = await tinyProjector();
  expect(plain.info).not.toHaveProperty('factors');
  const [one, again, other] = [
    await projector.latent({ seed: 1 }),
    await projector.latent({ seed: 1 }),
    await projector.latent({ seed: 1, factors: { age: 2 } }),
  ];
  expect(one).toMatchObject({ numWs: 4, wDim: 6 });
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
  expect(await plain.latent()).not.toEqual(await plain.latent({ seed: 4 }));
  const [look] = await collect(projector.render({ latents: [other] }));
  const run = projector.project({ ...options, look, steps: { look: 0, first: 1, next: 1 } });
  expect(await collect(run)).toHaveLength(3);
  await expect(plain.latent({ factors: { age: 1 } })).rejects.toMatchObject({ code: 'invalid-option' });
  await expect(projector.latent({ factors: { aeg: 1 } })).rejects.toMatchObject({
    hint: 'Did you mean age?',
  });
  await expect(projector.latent({ psi: Number.NaN })).rejects.toMatchObject({ code: 'invalid-option' });
});

it('stops on a signal, and when the loop is left, and can run again', async () => {
  const projector = await tinyProjector();
  const controller = new AbortController();
  const reason = new Error('enough');
  const steps = { first: 10_000, next: 10_000 };
  const endless = { ...options, steps, earlyStopping: false } as const;
  const onProgress = ({ step }: ProgressEvent) => {
    if (step === 1) controller.abort(reason);
  };
  await expect(
    collect(projector.project({ ...endless, signal: controller.signal, onProgress })),
  ).rejects.toMatchObject({ code: 'aborted', name: 'AbortError', cause: reason });

  for await (const frame of projector.project({ ...endless, steps: { first: 1, next: 10_000 } })) {
    expect(frame.index).toBe(0);
    break;
  }
  // Waits for the run before, which would take minutes.
  expect(await collect(projector.project(options))).toHaveLength(3);

  const late = new AbortController();
  const latent = projector.latent({ signal: late.signal });
  late.abort(reason);
  await expect(latent).rejects.toMatchObject({ code: 'aborted', cause: reason });
});

it('does not let a run that waits for its turn wait for its abort, too', async () => {
  const projector = await tinyProjector();
  const controller = new AbortController();
  const endless = { ...options, steps: { first: 10_000, next: 10_000 }, earlyStopping: false } as const;
  const running = collect(projector.project({ ...endless, signal: controller.signal }));
  const waiting = collect(projector.project({ ...options, signal: AbortSignal.timeout(20) }));
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  const next = collect(projector.project(options));
  controller.abort();
  await expect(running).rejects.toMatchObject({ code: 'aborted' });
  expect(await next, 'the order is kept').toHaveLength(3);
});

it('refuses options that it does not know, and those that others make useless', async () => {
  const worker = startWorker(() => Promise.reject(new Error('is not reached')));
  const wrong = { worker, model: 'avatar' } as never;
  await expect(createWorkerProjector(wrong)).rejects.toMatchObject({ hint: 'Did you mean models?' });
  const models = { generator: 'ffhq.pkl' } as never;
  await expect(createWorkerProjector({ worker, models })).rejects.toMatchObject({ code: 'invalid-option' });
  await expect(createWorkerProjector({ worker, backend: 'wasm' as never })).rejects.toMatchObject({
    message: `backend must be an object such as { prefer: 'wasm' }, got "wasm".`,
  });

  const projector = await tinyProjector();
  const latents = { latents: [], factors: 2 } as never;
  await expect(collect(projector.render(latents))).rejects.toMatchObject({ hint: 'Did you mean factor?' });
  await expect(projector.writeVideo({ name: 'a.mp4' } as never)).rejects.toMatchObject({
    message: 'latents must be a list of latents, got undefined.',
  });
  const useless: [string, Partial<WorkerProjectOptions>][] = [
    ['look', { mode: 'free', look: tinyDriver(1)[0]!.image }],
    ['motion', { mode: 'free', motion: { gain: { mouth: 2 } } }],
    ['resume', { resume: [], saveAs: 'smile' }],
    ['read', { read: { every: 2 } }],
  ];
  for (const [option, given] of useless) {
    await expect(collect(projector.project({ ...options, ...given })), option).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(`^${option} does not apply to `),
    });
  }
});

it('leaves no tensors of a run behind', async () => {
  const projector = await tinyProjector();
  await collect(projector.project(options));
  const before = tf.memory().numTensors;
  await collect(projector.project(options));
  expect(tf.memory().numTensors).toBe(before);
});

it('tells why it could not be opened, and ends its calls when it is disposed of', async () => {
  const failing = startWorker(async () => {
    throw new FaceanimError('backend-unavailable', 'No tensor backend came up.', { hint: 'webgpu: none' });
  });
  await expect(createWorkerProjector({ worker: failing })).rejects.toMatchObject({
    code: 'backend-unavailable',
    hint: 'webgpu: none',
  });
  const silent = startWorker(() => new Promise(() => {}));
  const signal = AbortSignal.timeout(50);
  await expect(createWorkerProjector({ worker: silent, signal })).rejects.toMatchObject({ code: 'aborted' });
  const missing = startWorker(() => new Promise(() => {}));
  const opening = createWorkerProjector({ worker: missing });
  missing.dispatchEvent(new Event('error'));
  await expect(opening).rejects.toMatchObject({ code: 'io', hint: expect.stringContaining('that you pass') });
  const projector = await tinyProjector();
  const run = collect(projector.project(options));
  projector[Symbol.dispose]();
  await expect(run).rejects.toMatchObject({ code: 'aborted' });
  await expect(collect(projector.project(options))).rejects.toMatchObject({ code: 'aborted' });
});

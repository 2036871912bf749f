import { type Backend, FaceanimError } from '@faceanim/tensor';
import { type OpenBackendOptions, openTfjsBackend, unavailable } from '@faceanim/tensor/backends';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { gradientSelfTest } from '../../tensor/src/backends/self-test';
import { openBackend } from '../src/open-backend';
import { runtimes } from '../src/runtimes';

describe('openBackend', () => {
  for (const name of ['wasm', 'js']) {
    it(`opens ${name}, activates it, and leaves no tensor`, async () => {
      const backend = await openBackend({ prefer: name });
      expect(backend.name).toBe(name);
      expect(tf.getBackend()).toBe(backend.tfBackend);
      expect(backend.capabilities.gpu).toBe(false);
      expect(tf.memory().numTensors).toBe(0);
      await backend[Symbol.asyncDispose]();
    });

    it(`opens ${name} again after it was closed`, async () => {
      const first = await openBackend({ prefer: name });
      await first[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
      await expect(first.activate()).rejects.toMatchObject({ code: 'backend-unavailable' });
      const second = await openBackend({ prefer: name });
      await gradientSelfTest(name);
      await second[Symbol.asyncDispose]();
    });
  }

  it('keeps a runtime alive until its last holder closes it', async () => {
    const first = await openBackend({ prefer: 'wasm' });
    const second = await openBackend({ prefer: 'wasm' });
    await first[Symbol.asyncDispose]();
    await gradientSelfTest('wasm');
    await second[Symbol.asyncDispose]();
  });

  for (const name of ['wasm', 'js']) {
    it(`opens ${name} twice at once, and one holder does not pull it from under the other`, async () => {
      const open = () => openBackend({ prefer: name });
      const [first, second] = await Promise.all([open(), open()]);
      await first[Symbol.asyncDispose]();
      await second.activate();
      await gradientSelfTest(name);
      // As React's strict mode does it: the first one is closed while the next is being opened.
      const third = open();
      await second[Symbol.asyncDispose]();
      const last = await third;
      await last.activate();
      await gradientSelfTest(name);
      await last[Symbol.asyncDispose]();
      await expect(second.activate()).rejects.toMatchObject({ code: 'backend-unavailable' });
    });
  }

  it('opens two runtimes at once, each tested on itself', async () => {
    const [wasm, js] = await Promise.all([openBackend({ prefer: 'wasm' }), openBackend({ prefer: 'js' })]);
    expect([wasm.name, js.name]).toEqual(['wasm', 'js']);
    for (const backend of [wasm, js]) {
      await backend.activate();
      expect(tf.getBackend()).toBe(backend.tfBackend);
      await gradientSelfTest(backend.name);
      await backend[Symbol.asyncDispose]();
    }
  });

  it('starts a backend once for all who open it meanwhile, and again after it failed', async () => {
    let starts = 0;
    const open = (fails: boolean) =>
      openTfjsBackend({
        name: 'counted',
        tfBackend: 'counted',
        create: async () => {
          starts++;
          await new Promise((resolve) => setTimeout(resolve, 5));
          if (fails) throw new Error('no device');
          return Object.assign(new MathBackendCPU(), { firstUse: false });
        },
        describe: () => ({ description: 'of the test', capabilities: { gpu: false } }),
      });
    const failed = await Promise.allSettled([open(true), open(true)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const opened = await Promise.all([open(false), open(false), open(false)]);
    expect(starts).toBe(2);
    for (const backend of opened) await backend[Symbol.asyncDispose]();
    expect(tf.findBackend('counted')).toBeNull();
  });

  it('goes on when a call before it has failed', async () => {
    const [refused, opened] = await Promise.allSettled([
      openBackend({ prefer: 'quantum' }),
      openBackend({ prefer: 'js' }),
    ]);
    expect(refused.status).toBe('rejected');
    if (opened.status === 'rejected') throw opened.reason;
    await opened.value[Symbol.asyncDispose]();
  });

  it('gives up a runtime that does not start, for calls that wait for it too, and closes it if it comes late', async () => {
    const { wasm } = Object.fromEntries(runtimes.map((runtime) => [runtime.name, runtime]));
    let arrive = (_: Backend) => {};
    vi.spyOn(wasm!, 'open').mockReturnValue(new Promise((resolve) => (arrive = resolve)));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const hanging = openBackend({ prefer: 'wasm' });
    const waiting = openBackend({ prefer: 'js' });
    const refused = expect(hanging).rejects.toMatchObject({
      code: 'backend-unavailable',
      message: 'The wasm backend did not come up: it has not started within 60 seconds.',
    });
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    await refused;
    const backend = await waiting;
    const close = vi.fn(async () => {});
    arrive({ ...backend, [Symbol.asyncDispose]: close });
    await expect.poll(() => close).toHaveBeenCalled();
    await backend[Symbol.asyncDispose]();
    vi.restoreAllMocks();
  });

  it('switches between two open backends', async () => {
    const wasm = await openBackend({ prefer: 'wasm' });
    const js = await openBackend({ prefer: 'js' });
    expect(tf.getBackend()).toBe('cpu');
    await wasm.activate();
    expect(tf.getBackend()).toBe('wasm');
    await wasm[Symbol.asyncDispose]();
    await js.activate();
    await gradientSelfTest('js');
    await js[Symbol.asyncDispose]();
  });

  it('adds no crash handlers to the process', async () => {
    const handlers = () => [
      process.listenerCount('uncaughtException'),
      process.listenerCount('unhandledRejection'),
    ];
    const before = handlers();
    await using _backend = await openBackend({ prefer: 'wasm' });
    expect(handlers()).toEqual(before);
  });

  it('tells progress', async () => {
    const onProgress = vi.fn();
    await using _backend = await openBackend({ prefer: ['js'], onProgress });
    expect(onProgress.mock.calls.map(([event]) => event)).toEqual([
      { stage: 'load', fraction: 0 },
      { stage: 'load', fraction: 1 },
    ]);
  });

  it('refuses unknown names and says which are known', async () => {
    const error = await openBackend({ prefer: 'quantum' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'invalid-option' });
    expect(String((error as Error).message)).toMatch(/cuda, webgpu, cpu, wasm, js.*"quantum"/);
    await expect(openBackend({ prefer: [] })).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(openBackend({ prefer: 'wsam' })).rejects.toMatchObject({ hint: 'Did you mean wasm?' });
    const other = { backend: 'wasm' } as OpenBackendOptions;
    await expect(openBackend(other)).rejects.toMatchObject({
      message: 'openBackend takes no option "backend".',
      hint: expect.stringContaining('prefer'),
    });
  });

  it('stops when the signal has fired', async () => {
    await expect(openBackend({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });

  it('goes on to the next runtime when one fails, and lists every reason when all do', async () => {
    const spies = runtimes.map((runtime) =>
      vi.spyOn(runtime, 'open').mockRejectedValue(
        new FaceanimError('backend-unavailable', `${runtime.name} is broken.`, {
          hint: `Mend ${runtime.name}.`,
        }),
      ),
    );
    const error = (await openBackend().catch((e: unknown) => e)) as FaceanimError;
    expect(error).toMatchObject({ code: 'backend-unavailable' });
    const names = runtimes.map(({ name }) => name);
    expect(error.message.split('\n')).toEqual([
      'No tensor backend came up.',
      ...names.map((name) => `${name}: ${name} is broken.`),
    ]);
    expect(error.hint?.split('\n')).toEqual(names.map((name) => `${name}: Mend ${name}.`));
    spies.at(-1)!.mockRestore();
    const last = await openBackend();
    expect(last.name).toBe(runtimes.at(-1)!.name);
    expect(last.skipped).toEqual(names.slice(0, -1).map((name) => ({ name, reason: `${name} is broken.` })));
    await last[Symbol.asyncDispose]();
    vi.restoreAllMocks();
  });

  it('an only candidate fails with its own error', async () => {
    const { cuda } = Object.fromEntries(runtimes.map((runtime) => [runtime.name, runtime]));
    vi.spyOn(cuda!, 'open').mockRejectedValue(unavailable('cuda', 'it is not there', 'Run: npm install it'));
    await expect(openBackend({ prefer: 'cuda' })).rejects.toMatchObject({
      message: 'The cuda backend did not come up: it is not there.',
      hint: 'Run: npm install it',
    });
    vi.restoreAllMocks();
  });

  it('refuses a backend whose gradients are wrong', async () => {
    await using _backend = await openBackend({ prefer: 'js' });
    const kernel = tf.getKernel('Conv2DBackpropInput', 'cpu');
    tf.unregisterKernel('Conv2DBackpropInput', 'cpu');
    tf.registerKernel({ ...kernel, kernelFunc: () => tf.zeros([1, 3, 3, 1]) });
    try {
      await expect(gradientSelfTest('js')).rejects.toMatchObject({ code: 'backend-unavailable' });
    } finally {
      tf.unregisterKernel('Conv2DBackpropInput', 'cpu');
      tf.registerKernel(kernel);
    }
  });
});

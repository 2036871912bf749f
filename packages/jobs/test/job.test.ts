import { FaceanimError, type FaceanimErrorCode } from '@faceanim/tensor/errors';
import { describe, expect, it } from 'vitest';
import { type AnimateJob, mayPass, openJobs, startWorker } from '../src';
import { checkJob, commandLineOf } from '../src/job';
import { errorOf, errorText } from '../src/retries';
import { Devices } from '../src/worker/devices';
import { latestOnly } from '../src/worker/latest-only';
import { limitFlags } from '../src/worker/limits';

describe('a job', () => {
  it.each<[string, object, RegExp]>([
    ['no driver', {}, /driver must be a path or a Blob/],
    ['a misspelt input', { driver: 'd', lok: 'l' }, /Did you mean look\?/],
    ['an output outside its folder', { driver: 'd', out: '../x.mp4' }, /out must be the name of a file/],
    ['an output that is a flag', { driver: 'd', out: '-x.mp4' }, /out must be the name of a file/],
    ['an output in place of its inputs', { driver: 'd', out: 'Inputs' }, /other than inputs and run/],
    ['a flag that names a file', { driver: 'd', flags: { initial: '/etc/passwd' } }, /may not hold initial/],
    ['a flag of the worker', { driver: 'd', flags: { 'max-pixels': 1e12 } }, /may not hold max-pixels/],
    ['a flag with dashes', { driver: 'd', flags: { '--preset': 'fast' } }, /without dashes in front/],
    ['a flag with a value that is none', { driver: 'd', flags: { weights: {} } }, /flags\.weights must be/],
  ])('with %s is refused', (_, job, message) => {
    let thrown: unknown;
    try {
      checkJob(job as AnimateJob);
    } catch (error) {
      thrown = error;
    }
    expect(FaceanimError.isInstance(thrown, 'invalid-option')).toBe(true);
    const { message: text, hint = '' } = thrown as FaceanimError;
    expect(`${text} ${hint}`).toMatch(message);
  });

  it('becomes words that are the same on every machine, and in which no value is a flag', () => {
    const words = commandLineOf({
      ...{ folder: 'jobs/a', out: 'talk.webp', report: true, submission: 'b' },
      inputs: { driver: 'jobs/a/inputs/driver.mp4', generator: 'networks/ffhq.safetensors' },
      flags: { align: '-1,2,3,4', 'no-audio': true, refine: false, seed: 0, preset: '--help' },
    });
    expect(words).toEqual([
      '--driver=inputs/driver.mp4',
      '--generator=../../networks/ffhq.safetensors',
      '--out=talk.webp',
      '--run=run',
      '--report=report.html',
      '--align=-1,2,3,4',
      '--no-audio',
      '--seed=0',
      '--preset=--help',
    ]);
  });
});

describe('retries', () => {
  const error = (code: FaceanimErrorCode) => new FaceanimError(code, code);

  it.each(['device-lost', 'crashed', 'out-of-memory', 'io', 'backend-unavailable'] as const)(
    '%s may pass',
    (code) => expect(mayPass(error(code))).toBe(true),
  );

  it.each([
    'no-face',
    'media',
    'diverged',
    'invalid-option',
    'too-large',
    'resume-mismatch',
    'aborted',
  ] as const)('%s does not', (code) => expect(mayPass(error(code))).toBe(false));

  it('an error without a code may pass, as nothing says that it does not', () => {
    expect(mayPass(new Error('x'))).toBe(true);
  });

  it('errors survive the queue with code and hint, and reasons of BullMQ get a code', () => {
    const sent = new FaceanimError('no-face', 'No face.', { hint: 'Crop it.', frame: 3 });
    expect(errorOf(errorText(sent))).toMatchObject({ code: 'no-face', hint: 'Crop it.', frame: 3 });
    expect(errorOf('job stalled more than allowable limit')).toMatchObject({
      code: 'crashed',
      message: expect.stringContaining('killed'),
    });
  });
});

describe('limits', () => {
  it('have defaults, and become flags', () => {
    expect(limitFlags()).toEqual([
      '--max-pixels=16777216',
      '--max-seconds=600',
      '--max-bytes=2147483648',
      '--checkpoints=arrays',
    ]);
    expect(limitFlags({ seconds: 5, checkpoints: 'pickle' })).toEqual([
      '--max-pixels=16777216',
      '--max-seconds=5',
      '--max-bytes=2147483648',
      '--checkpoints=pickle',
    ]);
  });

  it('are checked with the other options of a worker, before it connects', async () => {
    const start = (options: object) => startWorker({ redis: 'redis://x', storage: '/', ...options });
    await expect(start({ limits: { pixel: 1 } })).rejects.toMatchObject({
      code: 'invalid-option',
      hint: expect.stringContaining('pixels'),
    });
    await expect(start({ limits: { checkpoints: 'all' } })).rejects.toThrow(
      /limits\.checkpoints must be one of/,
    );
    await expect(start({ concurrency: 0 })).rejects.toThrow(/concurrency must be a whole number/);
    await expect(start({ queue: 'a:b' })).rejects.toThrow(/queue must be/);
  });
});

it('says what is wrong with the address of Redis or the storage, and keeps the password for itself', async () => {
  const storage = '/';
  await expect(openJobs({ redis: 'http://user:secret@host', storage })).rejects.toThrow(
    /redis must be an address/,
  );
  const thrown = await openJobs({ redis: 'redis://user:secret@127.0.0.1:1', storage }).catch(
    (error) => error,
  );
  expect(thrown).toMatchObject({
    code: 'io',
    message: expect.stringContaining('127.0.0.1:1 cannot be reached'),
  });
  expect(`${thrown.message} ${thrown.hint}`).not.toContain('secret');
  await expect(openJobs({ redis: 'redis://127.0.0.1:1', storage: '/nowhere' })).rejects.toMatchObject({
    code: 'io',
  });
});

it('devices go to jobs evenly', () => {
  const devices = new Devices(['0', '1']);
  const taken = [devices.take(), devices.take(), devices.take()];
  expect(taken).toEqual(['0', '1', '0']);
  devices.free('1');
  expect(devices.take()).toBe('1');
  expect(new Devices().take()).toBeUndefined();
});

it('of progress that comes faster than it can be sent, only the last is sent', async () => {
  const sent: number[] = [];
  let release = () => {};
  const send = (value: number) => {
    sent.push(value);
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  const latest = latestOnly(send, 1);
  for (const value of [1, 2, 3]) latest.push(value);
  expect(sent).toEqual([1]);
  release();
  await expect.poll(() => sent).toEqual([1, 3]);
  latest.push(4);
  latest.end();
  release();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(sent).toEqual([1, 3]);
});

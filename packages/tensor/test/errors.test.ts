import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { FaceanimError, fromWire, invalidOption, throwIfAborted, toWire } from '../src/errors';

it('an abort is an AbortError with the reason of the signal, and still a FaceanimError', () => {
  const reason = new Error('the user went away');
  const thrown = (() => {
    try {
      throwIfAborted(AbortSignal.abort(reason), { frame: 3, hint: 'Call it again.' });
    } catch (error) {
      return error as FaceanimError;
    }
    return undefined;
  })();
  expect(thrown).toMatchObject({
    name: 'AbortError',
    code: 'aborted',
    cause: reason,
    frame: 3,
    hint: 'Call it again.',
  });
  expect(FaceanimError.isInstance(thrown, 'aborted')).toBe(true);
  expect(String(thrown)).toMatch(/^AbortError: /);
  expect(new FaceanimError('io', 'No.').name).toBe('FaceanimError');
});

it.each<[unknown, string]>([
  ['x', '"x"'],
  [null, 'null'],
  [3n, '3'],
  [[1, 2], 'an array of 2'],
  [{ a: 1 }, 'an object'],
  [Symbol('s'), 'a symbol'],
  [Promise.resolve(1), 'a Promise: await it'],
  [() => 1, 'a function: call it'],
  [new AbortController(), 'an AbortController: pass its signal'],
])('of a wrong value, the message says what it is and what to do (%#)', (given, got) => {
  expect(invalidOption('look', given, 'a picture').message).toBe(`look must be a picture, got ${got}.`);
});

it.each(['errors', 'options'])('%s does without TensorFlow.js', async (name) => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/${name}/index.ts`, import.meta.url))],
    ...{ bundle: true, packages: 'external', write: false, metafile: true, logLevel: 'silent' },
  });
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter((each) => each.external),
  );
  const allowed = ['fastest-levenshtein'];
  expect(imported.map(({ path }) => path).filter((path) => !allowed.includes(path))).toEqual([]);
});

it('survives JSON with code, hint, place and cause', () => {
  const sent = new FaceanimError('no-face', 'There is no face.', {
    ...{ hint: 'Crop it.', file: 'clip.mp4', frame: 7 },
    cause: new TypeError('inner'),
  });
  const received = fromWire(JSON.parse(JSON.stringify(toWire(sent))));
  expect(FaceanimError.isInstance(received, 'no-face')).toBe(true);
  expect(received).toMatchObject({ message: sent.message, hint: 'Crop it.', file: 'clip.mp4', frame: 7 });
  expect(received.cause).toMatchObject({ name: 'TypeError', message: 'inner' });
  expect(received.stack).toBe(sent.stack);
  expect(fromWire(toWire('a string'))).toMatchObject({ name: 'Error', message: 'a string' });
});

import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, it } from 'vitest';
import { networkFingerprints } from '../../src/networks/fingerprints';

// Nothing is opened.
afterAll(() => expect(tf.engine().backendName).toBeUndefined());

const file = (name: string) =>
  fileURLToPath(new URL(`../../../models/assets/avatar/${name}.safetensors`, import.meta.url));

it('networks are identified by the content of their files, yours like the bundled ones', async () => {
  const bundled = await networkFingerprints({});
  expect(new Set(Object.values(bundled)).size).toBe(5);
  const { landmarkModel: _, ...files } = bundled;
  const same = { generator: file('generator'), encoder: file('encoder'), fan: file('fan') };
  expect(await networkFingerprints({ ...same, lpips: file('lpips-student') })).toMatchObject(files);
  const swapped = await networkFingerprints({ fan: file('generator'), lpips: file('fan') });
  expect(swapped).toMatchObject({ fan: bundled.generator, lpips: bundled.fan });
});

it('a FAN of your own has another landmark model, even if its file is the bundled one', async () => {
  const { fan, landmarkModel } = await networkFingerprints({});
  const own = await networkFingerprints({ fan: file('fan') });
  expect(own.fan).toBe(fan);
  expect(own.landmarkModel).not.toBe(landmarkModel);
});

it('LPIPS heads of their own change the identity of LPIPS', async () => {
  const { lpips } = await networkFingerprints({ lpips: file('fan'), lpipsHeads: file('encoder') });
  expect(lpips).not.toBe((await networkFingerprints({ lpips: file('fan') })).lpips);
});

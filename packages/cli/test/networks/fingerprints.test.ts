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
  expect(new Set(Object.values(bundled)).size).toBe(4);
  const same = { generator: file('generator'), encoder: file('encoder'), fan: file('fan') };
  expect(await networkFingerprints({ ...same, lpips: file('lpips-student') })).toEqual(bundled);
  const swapped = await networkFingerprints({ fan: file('generator'), lpips: file('fan') });
  expect(swapped).toMatchObject({ fan: bundled.generator, lpips: bundled.fan });
});

it('LPIPS heads of their own change the identity of LPIPS', async () => {
  const { lpips } = await networkFingerprints({ lpips: file('fan'), lpipsHeads: file('encoder') });
  expect(lpips).not.toBe((await networkFingerprints({ lpips: file('fan') })).lpips);
});

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findChromium, missingChromium } from '../../../../tools/browser';
import { runInBrowser } from '../../../models/test/browser/support';
import type { LostThreadReport } from './lost-thread';

const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
const files = Object.fromEntries(readdirSync(wasm).map((name) => [`/wasm/${name}`, join(wasm, name)]));

it.skipIf(!findChromium())(
  `a page, which may not sleep, gives up threads of WASM that never finish their part${findChromium() ? '' : `: ${missingChromium}`}`,
  async () => {
    const entry = fileURLToPath(new URL('lost-thread.ts', import.meta.url));
    const { errors, sum } = await runInBrowser<LostThreadReport>(entry, { files, isolated: true });
    const lost = {
      code: 'device-lost',
      message: expect.stringMatching(/a thread has not finished its work for \d+ s/),
    };
    expect(errors).toEqual([lost, lost]);
    expect(sum).toBe(64 * 64 * 16 * 8);
  },
);

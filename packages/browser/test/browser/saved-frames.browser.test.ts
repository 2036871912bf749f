import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findChromium, missingChromium } from '../../../../tools/browser';
import { runInBrowser } from '../../../models/test/browser/support';
import type { SavedReport } from './saved-page';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const before = readFileSync(path('../../../../tools/smoke/without-dispose-symbols.mjs'), 'utf8');

it.skipIf(!findChromium())(
  `saved frames are there after a reload, up to the first gap, also in a browser without Symbol.dispose${findChromium() ? '' : `: ${missingChromium}`}`,
  async () => {
    const report = await runInBrowser<SavedReport>(path('saved-page.ts'), { before });
    expect(report.seen).toEqual([
      [['smile'], 0],
      [['smile'], 2],
      [['smile'], 2],
    ]);
    expect(report).toMatchObject({
      sameLatent: true,
      openTwice: { code: 'io', message: 'The saved frames of smile are open elsewhere.' },
      waited: 2,
      wrongName: { code: 'invalid-option' },
      runsInTheEnd: [],
    });
  },
);

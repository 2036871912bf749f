import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findChromium, missingChromium } from '../../../../tools/browser';
import { runInBrowser } from '../../../models/test/browser/support';
import type { SavedReport } from './saved-page';

it.skipIf(!findChromium())(
  `saved frames are there after a reload, up to the first gap${findChromium() ? '' : `: ${missingChromium}`}`,
  async () => {
    const report = await runInBrowser<SavedReport>(fileURLToPath(new URL('saved-page.ts', import.meta.url)));
    expect(report.seen).toEqual([
      [['smile'], 0],
      [['smile'], 2],
      [['smile'], 2],
    ]);
    expect(report).toMatchObject({
      sameLatent: true,
      openTwice: { code: 'io', message: 'The saved frames of smile are open elsewhere.' },
      wrongName: { code: 'invalid-option' },
      runsInTheEnd: [],
    });
  },
);

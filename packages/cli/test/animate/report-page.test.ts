import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { landmarkModel } from '@faceanim/models';
import ExifReader from 'exifreader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureResults } from '../../src/animate/measure';
import type { ObservedFrame } from '../../src/animate/observe';
import type { AnimateReport } from '../../src/animate/report';
import { reportPage } from '../../src/animate/report-page';

const folder = mkdtempSync(join(tmpdir(), 'faceanim-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const picture = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(90) };
let model: Awaited<ReturnType<typeof landmarkModel>>;
beforeAll(async () => {
  model = await landmarkModel();
});

/** The model's mean face in a picture, with its mouth open by an amount. */
function face(open: number): Float64Array {
  const landmarks = new Float64Array(136);
  for (let i = 0; i < 68; i++) {
    landmarks[2 * i] = 0.5 + 0.3 * model.mean[3 * i]!;
    landmarks[2 * i + 1] = 0.5 - 0.3 * model.mean[3 * i + 1]!;
  }
  for (const lower of [65, 66, 67]) landmarks[2 * lower + 1]! += open;
  return landmarks;
}

/** A run of two shots, whose frame 3 has no face, and whose results open the mouth half as far as their targets. */
async function madeUp(count = 6): Promise<{ report: AnimateReport; projected: ObservedFrame[] }> {
  const projected = Array.from({ length: count }, (_, index): ObservedFrame => {
    return {
      index,
      losses: { lpips: 0.2 + index / 100, total: 2 },
      history: [0, 1].map((step) => ({ step, total: 3 - step })),
      steps: 2,
      driver: { index: 2 * index, shot: index < 3 ? 0 : 1, found: index !== 3 },
      landmarks: { driver: face(0.01 * index), target: face(0.02 * index) },
      seconds: 1.5,
      time: index / 25,
    };
  });
  const results = projected.map(({ index }) => face(0.01 * index));
  writeFileSync(at('out & about.webp'), 'pictures');
  return {
    projected,
    report: {
      ...{ out: at('out & about.webp'), latents: at('l'), run: at('r'), backend: 'wasm', version: '1.0.0' },
      ...{ command: "faceanim animate --driver '<b>.mp4'", settings: { '--seed': '7' }, contents: {} },
      ...{ driverFrames: count, outputFrames: count, fps: 25, seconds: 9, stepsTaken: 12, msPerStep: 500 },
      ...(await measureResults(projected, results, model)),
      losses: { lpips: 0.22, total: 2 },
      frames: projected.map(({ index, driver, steps, losses, seconds }) => ({
        ...{ index, steps, losses, seconds, driverIndex: driver.index },
        ...{ shot: driver.shot, found: driver.found },
      })),
      warnings: ['</script> in a warning'],
      failures: [],
    },
  };
}

const shown = (projected: ObservedFrame[]) => ({
  sheet: [{ index: 0, driver: picture, result: picture, target: face(0) }],
  look: picture,
  histories: projected,
  page: at('sub/report.html'),
  numbers: at('report.json'),
});

describe('the numbers', () => {
  it('compare the results with their targets, shot by shot', async () => {
    const { following, motion, jitter } = (await madeUp()).report;
    expect(following?.mouth).toMatchObject({ correlation: expect.closeTo(1), slope: expect.closeTo(0.5, 1) });
    expect(following?.yaw).toMatchObject({ unknown: 'target at rest' });
    expect(motion?.result.mouth).toHaveLength(6);
    // A uniform motion is steady, and a cut is no motion.
    expect(motion?.result.jitter).toEqual([null, expect.closeTo(0), null, null, expect.closeTo(0), null]);
    expect(jitter?.result).toBeCloseTo(0);
  });
});

describe('the page', () => {
  it('needs no network, and escapes names and warnings', async () => {
    const { report, projected } = await madeUp();
    const text = await reportPage(report, shown(projected));
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(text).toContain('<h1>out &amp; about.webp</h1>');
    expect(text).toContain('--driver &#39;&lt;b&gt;.mp4&#39;');
    expect(text).toContain('&lt;/script&gt; in a warning');
    expect(text).toContain('href="../report.json"');
    expect(text).toContain('data:image/webp;base64,');
    for (const [image] of text.matchAll(/<img [^>]*>/g)) expect(image).toMatch(/alt="[^"]+"/);
  });

  it('says of pictures that show results, and of no others, that a model made them', async () => {
    const { report, projected } = await madeUp(1);
    const labelled = async (aiTag?: boolean) => {
      const text = await reportPage(report, { ...shown(projected), aiTag });
      const pictures = text.matchAll(
        /<img src="data:image\/webp;base64,([^"]+)" alt="(?!The animation)(.+?)[,:" ]/g,
      );
      return [...pictures].flatMap(([, data, what]) =>
        'DigitalSourceType' in ExifReader.load(Buffer.from(data!, 'base64')) ? [what] : [],
      );
    };
    expect(await labelled()).toEqual(['Target', 'Result']);
    expect(await labelled(false)).toEqual([]);
  });

  it('has a table of at most 500 frames', async () => {
    const { report, projected } = await madeUp();
    const frames = Array.from({ length: 1200 }, (_, index) => ({ ...report.frames[0]!, index }));
    const text = await reportPage({ ...report, frames }, shown(projected));
    expect(text).toContain('one in 3');
    expect(text.match(/<tr>/g)?.length).toBeLessThan(500);
  });

  const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    existsSync,
  );

  it.skipIf(!chromium)('draws all its charts in a browser', async () => {
    const { report, projected } = await madeUp();
    const file = at('page.html');
    writeFileSync(file, await reportPage(report, { ...shown(projected), page: file }));
    const dom = execFileSync(
      chromium!,
      ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=2000', '--dump-dom', file],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1e8 },
    );
    expect(dom.match(/<canvas/g)).toHaveLength(4 + 3 + 2);
    expect(dom.match(/data-chart=/g)).toHaveLength(4 + 3 + 2);
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeLatents } from '@faceanim/core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, missingChromium } from '../../../tools/browser';

const root = fileURLToPath(new URL('..', import.meta.url));
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const built = existsSync(join(root, '../../packages/browser/dist/faceanim-worker.js'));
const missing = findChromium() ? 'the packages are not built: run npm run build:js' : missingChromium;
const skipped = !findChromium() || !built;
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

/** Six frames of the driver, with as few steps as there are. */
const settings = { format: 'faceanim-studio-settings', factor: 2, every: 1, limit: 6, effort: 0.02 };
const minutes = 60_000;
/** Generous: other tests run at the same time. */
const soon = { timeout: 2 * minutes };
const computed = { timeout: 10 * minutes };

describe.skipIf(skipped)(`the studio${skipped ? `: ${missing}` : ''}`, { tags: ['long'] }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'faceanim-studio-'));
  const base = '/somewhere/';
  let server: PreviewServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const outDir = join(folder, 'built');
    await build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true } });
    // The built pages are relative, so that they run in any folder.
    server = await preview({ root, base, logLevel: 'error', build: { outDir }, preview: { port: 0 } });
    browser = await chromium.launch({
      executablePath: findChromium(),
      args: ['--no-sandbox', '--disable-gpu', ...(hasFfmpeg ? fakeCamera(join(folder, 'camera.y4m')) : [])],
    });
    page = await browser.newPage();
    page.setDefaultTimeout(10 * minutes);
    await page.goto(new URL(base, server.resolvedUrls!.local[0]).href);
  });

  /** The file that a button saves. */
  async function saved(button: string): Promise<string> {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: button, exact: true }).click();
    const file = join(folder, (await download).suggestedFilename());
    await (await download).saveAs(file);
    return file;
  }

  /** What screen readers were told last. */
  const announced = () => page.locator('header + [role=status]').textContent();

  /** The name of the control that has the focus. */
  const focused = () =>
    page.evaluate(() => {
      const { activeElement } = document;
      return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent;
    });

  /** How wide the page gets in a window of 320 pixels. */
  const narrowest = async () => {
    const size = page.viewportSize()!;
    await page.setViewportSize({ width: 320, height: 600 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    await page.setViewportSize(size);
    return width;
  };

  /** Loads a file of settings. */
  const load = (chosen: object) =>
    page.locator('input[type=file][accept*=json]').setInputFiles({
      name: 'settings.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(chosen)),
    });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('lists what the page and its workers contain of others, with the licences', () => {
    const licences = readFileSync(join(folder, 'built/licences.md'), 'utf8');
    const texts = [
      '## preact ',
      '## @tensorflow/tfjs-backend-webgpu ',
      '## @zip.js/zip.js ',
      'XNNPACK',
      'lpips-student',
    ];
    for (const text of texts) expect(licences).toContain(text);
    expect(licences).not.toContain('undefined');
  });

  it('says on which backend it runs, and why', async () => {
    await page.locator('.chip[data-phase=ready]').click();
    await expect.poll(() => page.locator('.menu-body').textContent(), soon).toMatch(/Runs on WASM .*webgpu/);
    await page.keyboard.press('Escape');
  });

  it('says in the page what is wrong with a file, and what to do', async () => {
    const look = page.locator('section', { has: page.getByRole('heading', { name: 'Look' }) });
    const text = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('not a picture') };
    await look.locator('input[type=file]').setInputFiles(text);
    await expect.poll(() => look.getByRole('alert').textContent(), soon).toMatch(/notes\.txt.*picture/);
    const driver = page.locator('section', { has: page.getByRole('heading', { name: 'Driver' }) });
    await driver.locator('input[type=file]').setInputFiles(text);
    await expect.poll(() => driver.getByRole('alert').textContent(), soon).toContain('notes.txt');
    await look.getByRole('button', { name: 'Kofi' }).click();
    await expect.poll(() => look.getByRole('alert').count(), soon).toBe(0);
  });

  it('pauses, cancels, goes on after a reload, and saves a video that plays', async () => {
    await load(settings);
    const status = page.locator('.run-status');
    await expect.poll(() => status.textContent(), soon).toBe('6 frames to compute.');

    await page.getByRole('button', { name: 'Animate', exact: true }).click();
    await expect.poll(() => page.locator('.transport').count(), computed).toBe(1);
    await page.getByRole('button', { name: 'Pause', exact: true }).press('Enter');
    await expect.poll(() => status.textContent(), soon).toMatch(/^Paused after frame \d/);
    expect(await announced()).toMatch(/^Paused after frame \d$/);
    await page.getByRole('button', { name: 'Cancel', exact: true }).press('Enter');
    const cancelled = /^Cancelled after \d of 6 frames, which stay\.$/;
    await expect.poll(() => status.textContent(), soon).toMatch(cancelled);
    expect(await announced()).toMatch(cancelled);
    await expect.poll(focused, soon).toBe('Go on');

    await page.reload();
    const note = page.getByRole('complementary', { name: 'Earlier animation' });
    await expect.poll(() => note.textContent(), soon).toMatch(/An animation stopped after \d of 6 frames/);
    await note.getByRole('button', { name: 'Go on' }).press('Enter');
    await expect.poll(focused, soon).toBe('Pause');

    await expect.poll(() => page.locator('.transport').count(), computed).toBe(1);
    const worker = page.workers().find((each) => each.url().includes('faceanim-worker'))!;
    await worker.evaluate(() => {
      setTimeout(() => {
        throw new RangeError('Array buffer allocation failed');
      });
    });
    await expect.poll(() => page.getByRole('alert').textContent(), soon).toContain('The engine has crashed.');
    expect(await page.locator('.chip').getAttribute('data-phase')).toBe('failed');
    await expect.poll(focused, soon).toBe('Go on');
    await page.keyboard.press('Enter');
    await expect.poll(() => status.textContent(), computed).toMatch(/^6 frames in /);
    await expect.poll(focused, soon).toBe('Play');

    expect(probe(await saved('WebM'))).toEqual({ frames: 11, fps: 50 });
    const gif = await saved('GIF');
    expect(probe(gif)).toEqual({ frames: 11, fps: 50 });
    expect(readFileSync(gif).includes('AI-generated')).toBe(true);
    expect(decodeLatents(readFileSync(await saved('Latents')))).toHaveLength(6);
  });

  it('goes on with a setting that is changed meanwhile, and refines in the end', async () => {
    await load({ ...settings, limit: 3, refine: true });
    await page.getByRole('button', { name: 'Animate again' }).click();
    const status = page.locator('.run-status');
    await expect.poll(() => status.textContent(), computed).toMatch(/Frame [23] of 3/);
    await page.getByLabel('Mouth', { exact: true }).fill('1.5');
    const note = page.getByText(/^Applies from frame/);
    await expect.poll(() => note.count(), soon).toBe(1);
    await expect.poll(() => status.textContent(), computed).toMatch(/^Refining/);
    expect(await note.count()).toBe(0);
    await expect.poll(() => status.textContent(), computed).toMatch(/^3 frames in /);
    expect(await narrowest()).toBe(320);
  });

  it('mixes two faces layer by layer, changes their expression, and goes on with the blend', async () => {
    await page.getByRole('link', { name: 'Playground' }).click();
    const blend = page.locator('.blend canvas');
    await expect.poll(() => page.locator('.blend .empty').count(), soon).toBe(0);
    expect(await narrowest()).toBe(320);
    const picture = () => blend.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
    for (const button of ['Shape of A, colours of B', 'Laugh', 'Surprise me']) {
      const before = await picture();
      await page.getByRole('button', { name: button }).first().click();
      await expect.poll(picture, soon).not.toBe(before);
    }
    const before = await picture();
    await page.getByLabel('Layer 9: share of face B').press('ArrowDown');
    await expect.poll(picture, soon).not.toBe(before);
    expect(
      readFileSync(await saved('Picture'))
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    expect(decodeLatents(readFileSync(await saved('Latent')))).toHaveLength(1);
    await page.getByRole('button', { name: 'Animate this face' }).click();
    await expect.poll(() => page.locator('.chosen img').getAttribute('alt')).toBe('From the playground');
  });

  it.skipIf(!hasFfmpeg)('moves a face after the camera, until it is stopped', async () => {
    await page.getByRole('link', { name: 'Live' }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const status = page.locator('.run-status');
    await expect.poll(() => status.textContent(), computed).toMatch(/^Runs on WASM/);
    await expect.poll(announced, soon).toBe('The look follows');
    const camera = page.getByLabel('The camera');
    expect(await camera.evaluate((video: HTMLVideoElement) => video.videoWidth)).toBe(320);

    const numbers = () => page.locator('.meter dd').allTextContents();
    await expect
      .poll(numbers, computed)
      .toEqual([/^\d+ ms$/, /^\d+$/, /^\d+\.\d$/].map((form) => expect.stringMatching(form)));
    const result = page.locator('.tile-result canvas');
    const picture = () => result.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const before = await picture();
    await expect.poll(picture, computed).not.toBe(before);
    expect(await page.getByText('no face in sight').count()).toBe(0);

    const sessions = () => page.workers().filter((worker) => worker.url().includes('/worker-')).length;
    expect(sessions()).toBe(1);
    const track = await camera.evaluateHandle(
      (video: HTMLVideoElement) => (video.srcObject as MediaStream).getTracks()[0]!,
    );
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('The camera is off').waitFor();
    expect(await track.evaluate(({ readyState }) => readyState)).toBe('ended');
    await expect.poll(announced, soon).toBe('Stopped');
    await expect.poll(sessions, soon).toBe(0);
  });

  it.each([
    ['Live', 'Move a face, live'],
    ['Playground', 'Faces that do not exist'],
    ['Animate', 'Make a face move'],
  ])('has no faults that axe finds in the panel %s', async (panel, title) => {
    await page.getByRole('link', { name: panel, exact: true }).click();
    await page.getByRole('heading', { name: title }).waitFor();
    if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: axe });
    for (const [width, height] of [
      [390, 844],
      [1440, 900],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await violations(page), `${colorScheme}, ${width} pixels wide`).toEqual([]);
      }
    }
  });

  it('has the colours of the page that it is embedded in, and fits a narrow frame', async () => {
    const other = await browser.newPage({ colorScheme: 'light' });
    const around = new URL('around', page.url()).href;
    const body = '<iframe src="./?theme=dark" width="320" height="600"></iframe>';
    await other.route(around, (route) => route.fulfill({ contentType: 'text/html', body }));
    await other.goto(around);
    const studio = other.frameLocator('iframe');
    await studio.locator('[data-theme=dark] h1').waitFor();
    expect(await studio.locator('html').evaluate(({ scrollWidth }) => scrollWidth)).toBeLessThanOrEqual(320);
    await other.evaluate(() => frames[0]!.postMessage({ theme: 'light' }, '*'));
    await studio.locator('[data-theme=light] h1').waitFor();
    await other.close();
  });

  it('reads a generator of the visitor in the page', async () => {
    await page.getByText('Your own networks').click();
    const own = page.locator('.own-networks');
    const generator = join(root, '../../packages/models/assets/avatar/generator.safetensors');
    await own.locator('input[type=file]').first().setInputFiles(generator);
    await own.getByRole('button', { name: 'Use these' }).click();
    await expect.poll(() => own.textContent(), computed).toContain('Your generator draws 256 × 256 pixels.');
  });
});

/** The flags of Chromium for a camera that shows a driver of the samples, again and again, and may be used. */
function fakeCamera(file: string): string[] {
  const driver = join(root, 'public/samples/driver-talk.mp4');
  execFileSync('ffmpeg', ['-v', 'error', '-i', driver, '-vf', 'scale=320:-2', '-pix_fmt', 'yuv420p', file]);
  return [
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${file}`,
  ];
}

/** What axe finds wrong with a page: the rule, and the elements. */
function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`);
  });
}

/** Number and rate of the frames of a video, by ffprobe. */
function probe(file: string) {
  const entries = ['-count_frames', '-show_entries', 'stream=nb_read_frames,r_frame_rate', '-of', 'csv=p=0'];
  const { stdout } = spawnSync('ffprobe', ['-v', 'error', ...entries, file], { encoding: 'utf8' });
  const [rate, frames] = stdout.trim().split(',');
  const [numerator, denominator] = rate!.split('/').map(Number);
  return { frames: Number(frames), fps: numerator! / denominator! };
}

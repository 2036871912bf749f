// Takes pictures of the built studio in the middle of its work: `npm run studio:build`, then
// `npx tsx examples/studio/tools/screenshots.ts [FOLDER]`. The two of docs/studio.md are among them: done on a desktop,
// running on a phone, both light.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withAiTag } from '@faceanim/media';
import { chromium, type Page } from 'playwright-core';
import { preview } from 'vite';
import { findChromium } from '../../../tools/browser';

const folder = process.argv[2] ?? 'out/studio';
mkdirSync(folder, { recursive: true });
const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const minutes = 60_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const server = await preview({ root, logLevel: 'error', preview: { port: 0 } });
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: sizes.desktop });
page.setDefaultTimeout(10 * minutes);
page.on('pageerror', (error) => console.error(error));
try {
  await page.goto(server.resolvedUrls!.local[0]!);
  await page.locator('.chip[data-phase=ready]').waitFor();
  await page.locator('.face-lines').first().waitFor();
  await all(page, 'start');
  await page.getByRole('button', { name: 'Kofi' }).click();
  const settings = { format: 'faceanim-studio-settings', every: 6, effort: 0.7 };
  const buffer = Buffer.from(JSON.stringify(settings));
  const file = { name: 'settings.json', mimeType: 'application/json', buffer };
  await page.locator('input[type=file][accept*=json]').setInputFiles(file);
  await page.getByRole('button', { name: 'Animate', exact: true }).click();
  await page.locator('.strip-cell canvas').nth(2).waitFor();
  await all(page, 'running');
  await page.locator('.run-bar[data-phase=done]').waitFor();
  await page.getByText('filling in').waitFor({ state: 'detached' });
  await page.getByLabel('Frame', { exact: true }).fill('9');
  await all(page, 'done');
  await page.getByText('Over the look').click();
  await all(page, 'compare');
  await page.goto(`${server.resolvedUrls!.local[0]}#live`);
  await page.getByText('Move a face, live').waitFor();
  await all(page, 'live');
  await page.goto(`${server.resolvedUrls!.local[0]!}#playground`);
  await page.getByText('Faces that do not exist').waitFor();
  await all(page, 'playground');
} finally {
  await browser.close();
  await server.close();
}

/** Pictures of the page as it is: on a desktop and a phone, light and dark. */
async function all(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(() => scrollTo(0, 0));
      // Curves and transitions take a moment.
      await page.waitForTimeout(600);
      const picture = await page.screenshot({ type: 'jpeg', quality: 82 });
      writeFileSync(join(folder, `${name}-${size}-${colorScheme}.jpg`), withAiTag(picture, 'jpeg'));
    }
  }
  await page.setViewportSize(sizes.desktop);
  await page.emulateMedia({ colorScheme: 'light' });
}

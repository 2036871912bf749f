import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../checks.mjs';
import { root } from '../packages.mjs';
import { served, withoutCdn } from '../served-files.mjs';
import { steps, withFewSteps } from './setup.mjs';
import { checkVideo } from './video.mjs';

/** The examples for browsers, as they stand, but with few steps. */
export async function checkExamples({ folder, look, driver, notes, inPage, builtByVite }) {
  console.log('examples');
  const built = (name) => builtByVite(`${root}examples/${name}`, name);

  await check('minimal', async () => {
    await inPage(await filesOfMinimal(folder), async (page, address) => {
      await page.route('**/core/dist/index.js', (route) =>
        route.fulfill({
          contentType: 'text/javascript',
          body: `export * from './index.js?whole';
            import { projectSequence as whole } from './index.js?whole';
            export const projectSequence = (options) => whole({ ...options, steps: ${JSON.stringify(steps)} });`,
        }),
      );
      await page.goto(address);
      await animate(page);
      await checkResult(page);
    });
  });

  await check('worker, with the worker of the package and with its own', async () => {
    await inPage(await built('worker'), async (page, address) => {
      await withFewSteps(page);
      await page.goto(address);
      await animate(page);
      await checkResult(page);
      await page.reload();
      await page.locator('[name=background]').check();
      await animate(page);
      await checkResult(page);
      assert.match(await page.locator('output').textContent(), /^6 frames on WASM/);
    });
  });

  await check('react: a wrong file, a run that is cancelled, and a whole one', async () => {
    await inPage(await built('react'), async (page, address) => {
      await withFewSteps(page);
      await page.goto(address);
      await animate(page, notes);
      const alert = page.getByRole('alert');
      await alert.waitFor();
      assert.match(await alert.textContent(), /notes\.txt/);
      await animate(page);
      await page.locator('canvas').waitFor();
      await page.getByText('Cancel').click();
      await animate(page);
      await checkResult(page);
    });
  });

  /** Fills in the form that the examples have, and submits it. */
  async function animate(page, picture = look) {
    await page.locator('[name=look]').setInputFiles(picture);
    await page.locator('[name=driver]').setInputFiles(driver);
    await page.locator('[type=submit]').click();
  }

  /** The video that a page shows in the end: six frames and five between them, at twice the rate of the driver. */
  async function checkResult(page) {
    const error = page.getByText(/Error: /).or(page.getByRole('alert'));
    await page.locator('video[src]').or(error).waitFor();
    if (await error.isVisible()) throw new Error(await error.textContent());
    await page.waitForFunction(() => document.querySelector('video').videoWidth === 256);
    const base64 = await page.locator('video').evaluate(async ({ src }) => {
      const bytes = new Uint8Array(await (await fetch(src)).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    });
    checkVideo(base64, 'animation.mp4', { frames: 11, fps: 25 }, folder);
  }
}

/** What the page takes from a CDN is served here, in the versions that it names. */
async function filesOfMinimal(folder) {
  return {
    ...served(join(folder, 'node_modules/@faceanim'), '/node_modules/@faceanim/'),
    ...(await withoutCdn(readFileSync(`${root}examples/minimal/index.html`, 'utf8'), folder)),
  };
}

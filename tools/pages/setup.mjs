import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import * as vite from 'vite';
import webpack from 'webpack';
import { findChromium, serveFiles } from '../browser';
import { installPackages } from '../installation.mjs';
import { root } from '../packages.mjs';
import { served } from '../served-files.mjs';

/** Few: the networks of the pack take about half a second per step. */
export const steps = { look: 2, first: 2, next: 1 };

/** Installs the packed packages, starts a Chromium, and makes the files that pages are given. */
export async function openPages() {
  const { folder, remove } = installPackages();
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--disable-gpu', '--disable-dev-shm-usage'],
  });
  const look = `${root}packages/cli/assets/demo-look.png`;
  const driver = join(folder, 'driver.webp');
  await sharp(`${root}packages/cli/assets/demo-driver.webp`, { pages: 6 }).webp().toFile(driver);
  const notes = join(folder, 'notes.txt');
  writeFileSync(notes, 'Neither a picture nor a video.');

  return {
    ...{ folder, remove, look, driver, notes },
    close: () => browser.close(),

    /** Serves files, and passes a new page and its address to `use`. An error in the page ends it. */
    async inPage(files, use, { isolated = false } = {}) {
      const server = await serveFiles({ files, isolated });
      const context = await browser.newContext();
      context.setDefaultTimeout(600_000);
      const failed = new Promise((_, reject) => {
        context.on('weberror', (error) => reject(error.error()));
        context.on('requestfailed', (request) => {
          const { errorText } = request.failure();
          if (errorText !== 'net::ERR_ABORTED') reject(new Error(`${request.url()}: ${errorText}`));
        });
      });
      try {
        await Promise.race([use(await context.newPage(), server.address), failed]);
      } finally {
        await context.close();
        server.close();
      }
    },

    /** Copies a folder into the installation and returns a copy that Vite has built with its configuration or else the defaults, as files to serve. */
    async builtByVite(source, name) {
      const copy = copied(source, name, folder);
      const outDir = join(folder, 'built', name);
      await vite.build({
        ...{ root: copy, logLevel: 'error' },
        configFile: existsSync(join(copy, 'vite.config.ts')) ? undefined : false,
        build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 1500 }, // TensorFlow.js is large
      });
      return served(outDir, '/');
    },

    /** The same by webpack, which starts at `NAME.js`; `index.html` loads that. */
    async builtByWebpack(source, name) {
      const context = copied(source, name, folder);
      const path = join(folder, 'built', `${name}-webpack`);
      const stats = await promisify(webpack)({
        mode: 'production',
        ...{ context, entry: `./${name}.js`, output: { path, filename: `${name}.js` } },
        performance: { hints: false }, // TensorFlow.js is large
      });
      if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
      cpSync(join(context, 'index.html'), join(path, 'index.html'));
      return served(path, '/');
    },
  };
}

/** Makes a page send its worker few steps, and other options that save time, whatever it asks for. */
export function withFewSteps(page, others = {}) {
  return page.addInitScript(
    (options) => {
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (message, ...rest) {
        if (message.call === 'project') Object.assign(message.options, options);
        return postMessage.call(this, message, ...rest);
      };
    },
    { steps, ...others },
  );
}

/** The copy of a folder in the installation. */
function copied(source, name, folder) {
  const copy = join(folder, name);
  const filter = (path) => !/\/(node_modules|dist)$/.test(path);
  if (!existsSync(copy)) cpSync(source, copy, { recursive: true, filter });
  return copy;
}

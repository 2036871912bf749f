import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { check } from '../checks.mjs';
import { codeBlock } from '../readme.mjs';
import { withFewSteps } from './setup.mjs';
import { checkVideo } from './video.mjs';

const name = 'get-started';

/** The page of docs/get-started.md in empty projects of Vite and webpack, with few steps for the first two frames of the driver. */
export async function checkGetStarted({ folder, look, driver, inPage, builtByVite, builtByWebpack }) {
  console.log('Get started');
  const source = await project(folder);
  for (const [bundler, build] of Object.entries({ Vite: builtByVite, webpack: builtByWebpack })) {
    await check(`the page, built by ${bundler}`, async () => {
      const files = await build(source, name);
      await inPage({ ...files, '/look.png': look, '/clip.webp': driver }, async (page, address) => {
        await withFewSteps(page, { read: { limit: 2 } });
        await page.goto(address);
        await page.waitForFunction('"animation" in globalThis');
        checkVideo(await page.evaluate('animation'), `${bundler}.mp4`, { frames: 3, fps: 25 }, folder);
      });
    });
  }
}

/** The code of the page, as JavaScript for webpack's sake, and what calls it. */
async function project(folder) {
  const { code } = await esbuild.transform(codeBlock('docs/get-started.md', 'ts', 'src/main.ts'), {
    loader: 'ts',
  });
  const source = join(folder, 'sources', name);
  mkdirSync(source, { recursive: true });
  const files = {
    'package.json': '{}',
    'index.html': `<!doctype html><link rel="icon" href="data:,"><script type="module" src="./${name}.js"></script>`,
    'main.js': code,
    'vite.config.ts': codeBlock('docs/get-started.md', 'ts', 'vite.config.ts'),
    [`${name}.js`]: `
      import { animate } from './main';
      const bytesAt = async (url) => (await fetch(url)).arrayBuffer();
      const file = async (name) => new File([await bytesAt(name)], name);
      globalThis.animation = (async () => {
        const video = await bytesAt(await animate(await file('look.png'), await file('clip.webp')));
        return btoa(Array.from(new Uint8Array(video), (byte) => String.fromCharCode(byte)).join(''));
      })();`,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(source, file), text);
  return source;
}

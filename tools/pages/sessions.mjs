import assert from 'node:assert/strict';
import { check } from '../checks.mjs';
import { root } from '../packages.mjs';
import { checkVideo } from './video.mjs';

const source = `${root}tools/smoke/session`;

/** Runs of the worker in pages that Vite and webpack have built. */
export async function checkSessions({ folder, look, driver, notes, inPage, builtByVite, builtByWebpack }) {
  console.log('sessions');
  const media = { '/look.png': look, '/driver.webp': driver, '/notes.txt': notes, '/notes.mp4': notes };

  await check('a page built by Vite, cross-origin isolated: animates, is closed, and goes on', async () => {
    const files = await builtByVite(source, 'session');
    await inPage({ ...files, ...media }, closedAndOpenedAgain, { isolated: true });
  });

  await check('a page built by webpack, not isolated: is told what is wrong', async () => {
    const files = await builtByWebpack(source, 'session');
    await inPage({ ...files, ...media }, toldWhatIsWrong);
  });

  async function closedAndOpenedAgain(page, address) {
    await page.goto(address);
    const { backend } = await page.evaluate('session.info()');
    assert.equal(backend.name, 'wasm');
    assert.ok(backend.capabilities.threads > 1, backend.description);
    const first = await page.evaluate('session.run({}, 2)');
    assert.equal(first.failure?.code, 'aborted');
    assert.deepEqual(first.arrived.slice(0, 3), widths(0, 1, 2));

    const again = await page.context().newPage();
    await page.close();
    await again.goto(address);
    const { arrived, computed, failure, saved } = await again.evaluate('session.run()');
    assert.equal(failure, undefined);
    assert.deepEqual(arrived, widths(0, 1, 2, 3, 4, 5));
    assert.ok(computed.length > 0 && !computed.some((frame) => frame < 3), `computed again: ${computed}`);
    assert.deepEqual(saved, ['demo']);
    for (const name of ['out.mp4', 'out.webm'])
      checkVideo(await again.evaluate(`session.video('${name}')`), name, { frames: 11, fps: 25 }, folder);

    // Other inputs and settings than those of the saved frames.
    for (const changes of [{ look: '/driver.webp' }, { steps: { look: 2, first: 3, next: 1 } }]) {
      const other = await again.evaluate(`session.run(${JSON.stringify(changes)})`);
      assert.equal(other.failure?.code, 'resume-mismatch');
      assert.match(other.failure.hint, /under another name/);
    }
    // Not asserted: other programs keep the page waiting, too.
    console.log(
      `        longest gap of the page: ${Math.round(await again.evaluate('session.longestGap()'))} ms`,
    );
  }

  async function toldWhatIsWrong(page, address) {
    await page.goto(address);
    const { backend } = await page.evaluate('session.info()');
    assert.equal(backend.name, 'wasm');
    assert.match(backend.description, /1 thread: the page is not cross-origin isolated/);
    assert.deepEqual(
      backend.skipped.map(({ name }) => name),
      ['webgpu', 'webgl'],
    );
    for (const { name, reason } of backend.skipped)
      assert.match(reason, new RegExp(`^The ${name} backend did`));

    const refused = async (call, options) => {
      const found = await page.evaluate(`session.${call}(${JSON.stringify(options)})`);
      const failure = call === 'run' ? found.failure : found;
      assert.equal(failure?.name, 'FaceanimError', JSON.stringify(options));
      assert.ok(failure.hint, failure.message);
      return failure;
    };
    const textAsLook = await refused('run', { look: '/notes.txt' });
    assert.equal(textAsLook.code, 'media');
    assert.match(textAsLook.message, /^The look .*notes\.txt/);
    const damagedVideo = await refused('run', { driver: '/notes.mp4' });
    assert.equal(damagedVideo.code, 'media');
    assert.match(damagedVideo.message, /^The driver .*notes\.mp4/);
    const noVideo = await refused('run', { driver: '/nothing.mp4' });
    assert.equal(noVideo.code, 'io');
    const noWeights = await refused('open', { avatar: { folder: '/nowhere' } });
    assert.equal(noWeights.code, 'io');
    assert.match(noWeights.hint, /^Serve the files of .*models\/assets\/avatar at /);
    const networks = { generator: '/notes.txt', landmarkNet: '/notes.txt' };
    const noCheckpoint = await refused('open', { models: networks });
    assert.equal(noCheckpoint.code, 'checkpoint-corrupt');
    const noWebgpu = await refused('open', { backend: { prefer: 'webgpu' } });
    assert.equal(noWebgpu.code, 'backend-unavailable');
  }
}

const widths = (...indices) => indices.map((index) => [index, 256]);

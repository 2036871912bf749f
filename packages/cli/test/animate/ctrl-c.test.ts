import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeLatents } from '@faceanim/core';
import { expect, it, vi } from 'vitest';
import { faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const generator = fileURLToPath(
  new URL('../../../models/assets/avatar/generator.safetensors', import.meta.url),
);
const wasm = ['--backend', 'wasm'];

/** Presses Ctrl-C when a command says something, or has just begun. */
async function stopped(args: readonly string[], said?: string) {
  const controller = new AbortController();
  if (!said) setTimeout(() => controller.abort());
  const onStderr = (text: string) => said && text.startsWith(said) && controller.abort();
  return faceanim(args, { signal: controller.signal, onStderr });
}

mkdirSync(path('run'));
const latents = Array.from({ length: 50 }, () => ({
  numWs: 14,
  wDim: 256,
  data: new Float32Array(14 * 256),
}));
writeFileSync(path('run/latents.safetensors'), encodeLatents(latents, { fps: '25' }));

// Each would end later with another code.
it.each<[string, string[], string?]>([
  ['render', [path('run'), '--out', path('render.webp'), ...wasm], 'rendering, frame'],
  ['fit-encoder', ['--out', path('encoder'), ...wasm], 'fitting the encoder'],
  ['demo', ['--out', path('demo.webp'), ...wasm], 'finding the face of the look'],
  ['look', ['--out', path('look.png'), ...wasm]],
  ['inspect', [generator]],
  ['import', [generator, '--out', path('import')]],
])('%s ends at Ctrl-C', async (command, args, said) => {
  const { code, stderr } = await stopped([command, ...args], said);
  expect(stderr).toMatch(/Stopped\.\n$/);
  expect(code).toBe(130);
  for (const name of ['render.webp', 'encoder', 'demo.webp', 'look.png', 'import'])
    expect(existsSync(path(name))).toBe(false);
});

it('a run that is stopped before its first frame says that the same command begins again', async () => {
  const { code, stderr } = await stopped(
    ['demo', '--out', path('early.webp'), ...wasm],
    'finding the face, frame',
  );
  expect(stderr).toMatch(/No frame was finished: the same command begins again\.\nStopped\.\n$/);
  expect(code).toBe(130);
});

it('doctor ends at Ctrl-C, even in a step that blocks', async () => {
  const blocked = path('blocked.mjs');
  writeFileSync(
    blocked,
    "process.on('SIGTERM', () => {});\nconsole.error('part: rendering');\nfor (;;) Math.random();\n",
  );
  const { argv } = process;
  vi.spyOn(process, 'argv', 'get').mockReturnValue([argv[0]!, blocked]);
  const { code, stderr } = await stopped(['doctor', '--backend', 'js', '--bench'], '  rendering');
  vi.restoreAllMocks();
  expect(stderr).toMatch(/Stopped\.\n$/);
  expect(code).toBe(130);
});

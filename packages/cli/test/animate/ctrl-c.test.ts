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

/** Presses Ctrl-C so many milliseconds after a command begins; returns how many it then takes to end. */
async function stopped(args: readonly string[], ms: number) {
  const controller = new AbortController();
  let pressed = 0;
  setTimeout(() => {
    pressed = performance.now();
    controller.abort();
  }, ms);
  const result = await faceanim(args, { signal: controller.signal });
  return { ...result, took: performance.now() - pressed };
}

mkdirSync(path('run'));
const latents = Array.from({ length: 50 }, () => ({
  numWs: 14,
  wDim: 256,
  data: new Float32Array(14 * 256),
}));
writeFileSync(path('run/latents.safetensors'), encodeLatents(latents, { fps: '25' }));

// Each would take seconds to minutes more.
it.each<[string, string[], number]>([
  ['render', [path('run'), '--out', path('render.webp'), ...wasm], 2000],
  ['fit-encoder', ['--out', path('encoder'), ...wasm], 2500],
  ['demo', ['--out', path('demo.webp'), ...wasm], 2500],
  ['look', ['--out', path('look.png'), ...wasm], 0],
  ['inspect', [generator], 0],
  ['import', [generator, '--out', path('import')], 0],
])('%s ends at Ctrl-C', async (command, args, ms) => {
  const { code, stderr, took } = await stopped([command, ...args], ms);
  expect(stderr).toMatch(/Stopped\.\n$/);
  expect(code).toBe(130);
  // About a second on an idle machine.
  expect(took).toBeLessThan(5000);
  for (const name of ['render.webp', 'encoder', 'demo.webp', 'look.png', 'import'])
    expect(existsSync(path(name))).toBe(false);
});

it('doctor ends at Ctrl-C, even in a step that blocks', async () => {
  const blocked = path('blocked.mjs');
  writeFileSync(blocked, "process.on('SIGTERM', () => {});\nfor (;;) Math.random();\n");
  const { argv } = process;
  vi.spyOn(process, 'argv', 'get').mockReturnValue([argv[0]!, blocked]);
  const { code, stderr, took } = await stopped(['doctor', '--backend', 'js'], 500);
  vi.restoreAllMocks();
  expect(stderr).toMatch(/Stopped\.\n$/);
  expect(code).toBe(130);
  expect(took).toBeLessThan(5000);
});

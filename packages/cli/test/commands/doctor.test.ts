import { afterEach, expect, it, vi } from 'vitest';
import type { Diagnosis } from '../../src/doctor/diagnose';
import { run } from '../../src/program';

let out = '';
let err = '';

async function doctor(...flags: string[]): Promise<number> {
  out = err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => !!(out += text));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => !!(err += text));
  return run(['doctor', ...flags], new AbortController().signal);
}

afterEach(() => vi.restoreAllMocks());

it('says which backend works and how fast it is', async () => {
  expect(await doctor('--here', '--backend', 'wasm', '--json')).toBe(0);
  const [finding] = JSON.parse(out) as Diagnosis[];
  expect(finding).toMatchObject({ backend: 'wasm', description: expect.stringContaining('WASM') });
  expect(finding!.msPerIteration).toBeGreaterThan(0);
});

it('says why another does not, and the command that helps', async () => {
  expect(await doctor('--here', '--backend', 'cuda')).toBe(0);
  expect(out).toMatch(/cuda +–/);
  expect(out).toMatch(/The cuda backend did not come up: .*\n {2}\w+/);
});

it('says how to get webgpu if it does not work', async () => {
  expect(await doctor('--here', '--backend', 'webgpu', '--json')).toBe(0);
  const [{ description, problem, fix }] = JSON.parse(out) as [Diagnosis];
  if (description) return;
  expect(problem).toMatch(/^The webgpu backend did not come up: /);
  expect(fix).toMatch(/npm install webgpu @tensorflow\/tfjs-backend-webgpu|driver/);
});

it('an unknown backend is a usage error that lists the known ones', async () => {
  expect(await doctor('--backend', 'quantum')).toBe(2);
  expect(err).toMatch(/cuda, webgpu, cpu, wasm, js/);
});

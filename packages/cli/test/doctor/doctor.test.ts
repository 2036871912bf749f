import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import type { Findings } from '../../src/doctor/findings';
import { run } from '../../src/program';
import { version } from '../../src/version';
import { temporaryFolder } from '../support';

let out = '';
let err = '';

async function doctor(...flags: string[]): Promise<number> {
  out = err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => !!(out += text));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => !!(err += text));
  return run(['doctor', ...flags], new AbortController().signal);
}

const folder = temporaryFolder();

/** Lets the processes that test a backend run a script instead. */
function replaceProcesses(script: string): void {
  const file = join(folder, 'script.mjs');
  writeFileSync(file, `const flags = process.argv.slice(2);\n${script}`);
  const { argv } = process;
  vi.spyOn(process, 'argv', 'get').mockReturnValue([argv[0]!, file]);
}

afterEach(() => vi.restoreAllMocks());

it('says which backend works and how fast it is', async () => {
  expect(await doctor('--here', '--backend', 'wasm', '--json')).toBe(0);
  expect(err).toMatch(/^part: latent statistics\n(part: .*\n)*part: optimising frame 1 of 1, step 1 of 7$/m);
  const { machine, backends } = JSON.parse(out) as Findings;
  expect(machine).toMatchObject({ node: process.versions.node, version });
  expect(backends).toMatchObject([{ backend: 'wasm', description: expect.stringContaining('WASM') }]);
  expect(backends[0]!.stepMs).toBeGreaterThan(0);
});

it('measures thoroughly with --bench', { tags: ['long'] }, async () => {
  expect(await doctor('--here', '--backend', 'wasm', '--bench')).toBe(0);
  expect(err).toMatch(/^part: finding the face, frame 3\n(part: .*\n)*part: rendering$/m);
  expect(out).toMatch(/\nstep, median +\d/);
  expect(out).toMatch(/\ntensors left behind +0\n/);
  expect(out).toMatch(/\n\| runs on \| WASM .* \|\n/);
});

it('measures each backend in a process of its own, and webgpu once more with matrix units', async () => {
  replaceProcesses(`
    const [, , , backend] = flags;
    const matrixUnits = flags.includes('--matrix-units');
    if (backend === 'cpu') throw new Error('broken');
    if (backend === 'js') process.kill(process.pid, 'SIGKILL');
    console.error('noise of a driver');
    console.error('part: rendering');
    const works = backend === 'webgpu' || backend === 'wasm';
    const found = works ? { backend, matrixUnits, description: backend } : { backend, problem: 'missing' };
    console.log(JSON.stringify({ machine: {}, backends: [found] }));
  `);
  expect(await doctor('--bench', '--json')).toBe(0);
  const { backends } = JSON.parse(out) as Findings;
  expect(backends).toMatchObject([
    { backend: 'cuda', problem: 'missing' },
    { backend: 'webgpu', matrixUnits: false },
    { backend: 'webgpu', matrixUnits: true },
    { backend: 'cpu', problem: 'its process ended with code 1. Error: broken' },
    { backend: 'wasm', description: 'wasm' },
    { backend: 'js', problem: 'its process ended with signal SIGKILL.' },
  ]);
  expect(err).toContain(
    'testing webgpu (2 of 5) …\n  rendering …\ntesting webgpu with matrix units (2 of 5) …\n  rendering …\ntesting cpu (3 of 5) …\n',
  );
  expect(err).not.toContain('noise');
});

it('leaves out matrix units where there are none, and without --bench', async () => {
  replaceProcesses(`
    const found = flags.includes('--matrix-units') ? [] : [{ backend: 'webgpu', description: 'a GPU' }];
    console.log(JSON.stringify({ machine: {}, backends: found }));
  `);
  await doctor('--backend', 'webgpu', '--bench', '--json');
  expect((JSON.parse(out) as Findings).backends).toHaveLength(1);
  await doctor('--backend', 'webgpu', '--json');
  expect(err).toBe('testing webgpu (1 of 1) …\n');
});

it('says why another does not, and the command that helps', async () => {
  expect(await doctor('--here', '--backend', 'cuda')).toBe(0);
  expect(out).toMatch(/cuda +–/);
  expect(out).toMatch(/The cuda backend did not come up: .*\n {2}\w+/);
});

it('says how to get webgpu if it does not work', async () => {
  expect(await doctor('--here', '--backend', 'webgpu', '--json')).toBe(0);
  const [found] = (JSON.parse(out) as Findings).backends;
  if (found!.description) return;
  expect(found!.problem).toMatch(/^The webgpu backend did not come up: /);
  expect(found!.fix).toMatch(/npm install webgpu @tensorflow\/tfjs-backend-webgpu|driver/);
  expect(found!.fix).not.toContain('allowSoftware');
});

it('an unknown backend is a usage error that lists the known ones', async () => {
  expect(await doctor('--backend', 'quantum')).toBe(2);
  expect(err).toMatch(/cuda, webgpu, cpu, wasm, js/);
});

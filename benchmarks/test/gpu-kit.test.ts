import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'gpu-kit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const build = (out: string) =>
  execFileSync('npx', ['tsx', join(import.meta.dirname, '../gpu-kit/build.ts'), '--no-node', '--out', out], {
    encoding: 'utf8',
    stdio: 'pipe',
  });

it('the kit for other machines runs from its own folder, section by section', { tags: ['long'] }, () => {
  const kit = join(folder, 'kit');
  build(kit);
  const out = join(folder, 'results');
  const tiles = ['networks-winograd', 'gradients-winograd', 'conv-winograd', 'thresholds-winograd'];
  const only = ['adapter', 'live', 'networks', 'matrix-units', 'kernels', 'sequence', 'thresholds', ...tiles];
  const flags = ['--device', 'null', '--small', '--out', out, '--only', only.join()];
  execFileSync(process.execPath, [join(kit, 'main.mjs'), ...flags], { cwd: folder, stdio: 'pipe' });
  const { outcomes } = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
  expect(outcomes.map(({ name, problem }: Record<string, string>) => [name, problem])).toEqual(
    only.map((name) => [name, undefined]),
  );
  for (const { name, rows } of outcomes) expect(rows.length, name).toBeGreaterThan(0);
  const { rows: runs } = outcomes.find(({ name }: { name: string }) => name === 'sequence');
  expect(runs).toMatchObject([
    { how: 'first run', steps: 2 },
    { how: 'again', steps: 2 },
  ]);
  expect(readFileSync(join(out, 'results.md'), 'utf8')).toContain('## networks');
});

it('the kit never replaces a folder that it has not made', { tags: ['long'] }, () => {
  writeFileSync(join(folder, 'precious.txt'), 'mine');
  expect(() => build(folder)).toThrow('is not from this program');
  expect(readFileSync(join(folder, 'precious.txt'), 'utf8')).toBe('mine');
});

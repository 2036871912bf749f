import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { needPython, pythonCommand } from '../../tools/python.mjs';

afterEach(() => vi.unstubAllEnvs());

/** A Python of which only the answer is known. */
function pythonThat(script: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'faceanim-python-')), 'python');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

it('is python3 of the PATH, unless PYTHON names another', () => {
  vi.stubEnv('PYTHON', '');
  expect(pythonCommand()).toBe('python3');
  vi.stubEnv('PYTHON', '/opt/python');
  expect(pythonCommand()).toBe('/opt/python');
});

it.skipIf(process.platform === 'win32')('says which packages it lacks, and what to do', () => {
  const python = pythonThat('shift 2; echo "$@"');
  vi.stubEnv('PYTHON', python);
  expect(() => needPython([])).not.toThrow();
  expect(() => needPython(['numpy', 'PIL'])).toThrow(
    `${python} lacks numpy Pillow. Install it: ${python} -m pip install numpy Pillow. Or set PYTHON`,
  );
});

it.skipIf(process.platform === 'win32')('says why it cannot be run', () => {
  vi.stubEnv('PYTHON', '/nowhere/python');
  expect(() => needPython(['numpy'])).toThrow(
    /^\/nowhere\/python cannot be run: .*ENOENT.* Install Python 3\./,
  );
  vi.stubEnv('PYTHON', pythonThat('echo "too old" >&2; exit 1'));
  expect(() => needPython(['numpy'])).toThrow(/cannot be run: too old\. Install Python 3\./);
});

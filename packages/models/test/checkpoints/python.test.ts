import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { pythonCommand } from '../../../../tools/python.mjs';

const python = spawnSync(pythonCommand(), ['-c', 'import numpy, safetensors.numpy']).status === 0;

const program = `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework='numpy') as f:
    tensors = {name: f.get_tensor(name) for name in f.keys()}
    print(json.dumps({
        'metadata': f.metadata(),
        'tensors': {name: [str(t.dtype), list(t.shape), t.astype('float64').ravel().tolist()] for name, t in tensors.items()},
    }))
`;

it.skipIf(!python)(
  python ? 'Python reads the safetensors that we write' : 'no Python with numpy and safetensors: skipped',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'faceanim-python-'));
    try {
      const path = join(folder, 'written.safetensors');
      const data = Float32Array.of(1.5, -2.25, 0, 65504, 2 ** -24, -1);
      const metadata = { config: '{"name": "häßlich"}' };
      writeFileSync(
        path,
        encodeSafetensors(
          [
            ['scalar', { shape: [], data: Float32Array.of(0.5) }],
            ['matrix', { shape: [2, 3], data }],
            ['half', { shape: [3, 2], data, dtype: 'F16' }],
            ['flags', { shape: [3], data: Uint8Array.of(1, 0, 1), dtype: 'BOOL' }],
            ['empty', { shape: [0, 4], data: new Float32Array() }],
          ],
          metadata,
        ),
      );
      const read = JSON.parse(execFileSync(pythonCommand(), ['-c', program, path], { encoding: 'utf8' }));
      expect(read.metadata).toEqual(metadata);
      expect(read.tensors).toEqual({
        scalar: ['float32', [], [0.5]],
        matrix: ['float32', [2, 3], [...data]],
        half: ['float16', [3, 2], [...data]],
        flags: ['bool', [3], [1, 0, 1]],
        empty: ['float32', [0, 4], []],
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

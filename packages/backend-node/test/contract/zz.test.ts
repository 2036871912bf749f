import { tmpdir } from 'node:os';
import { backendContract } from '@faceanim/core/testing';
import { it } from 'vitest';
import { openBackend } from '../../src/open-backend';
process.env.VK_ICD_FILENAMES = '/usr/lib/chromium/vk_swiftshader_icd.json'; process.env.XDG_RUNTIME_DIR ??= tmpdir();
const open = () => openBackend({ prefer: 'webgpu', allowSoftware: true });
const c = backendContract({ open, openOracle: open, leakSteps: 1000 });
it('1000', async () => { await c.checks.find((x) => x.name.includes('1000'))!.run(); console.log('LEAKOK'); }, 400000);

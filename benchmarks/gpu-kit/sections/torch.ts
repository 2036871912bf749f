import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { needPython, pythonCommand } from '../../../tools/python.mjs';
import type { Section } from '../section';

export const torch: Section = {
  description: 'the same iteration in PyTorch: bf16, channels-last, CUDA graph',
  seconds: 65,
  async run({ torchScript, report, log }) {
    if (!torchScript) return report({ problem: 'no script was given: --torch FILE' });
    needPython(['torch']);
    const child = spawn(pythonCommand(), [torchScript, '--mode', 'best', '--budget', '45'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(child.stdout)) {
      log(line);
      if (line.startsWith('{')) report(JSON.parse(line));
    }
  },
};

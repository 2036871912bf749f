import { commandLine } from '../terminal/command-line';
import type { NetworkOptions } from './networks';

/**
 * The warning for your own generator together with networks of the bundled pack, which only know drawn faces; undefined
 * otherwise.
 */
export function drawnFacesWarning({
  generator,
  fan,
  lpips,
  encoder,
  look,
  preset,
}: NetworkOptions & { look?: string; preset?: string }): string | undefined {
  if (!generator) return undefined;
  const drawn = [
    ...(fan ? [] : ['the landmark network (pass --fan FILE, e.g. 2DFAN4)']),
    ...(lpips || !look ? [] : ["LPIPS, which keeps the look (pass --lpips FILE, e.g. NVIDIA's vgg16.pt)"]),
  ];
  if (drawn.length === 0) return undefined;
  const lines = [
    `warning: ${generator} is used with networks of the bundled pack, which were trained on drawn faces only:`,
    ...drawn.map((network) => `  - ${network}`),
    '  If it was trained on photographs, the result will be much worse than it could be.',
  ];
  if (!encoder && look && preset !== 'thorough') {
    const command = commandLine([
      'fit-encoder',
      '--generator',
      generator,
      ...'--fan FILE --out encoder.safetensors'.split(' '),
    ]);
    lines.push(`  An encoder for it would save steps: ${command}, then --encoder encoder.safetensors`);
  }
  return lines.join('\n');
}

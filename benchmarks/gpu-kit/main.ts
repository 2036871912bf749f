/**
 * Measures this machine's GPU. `npm run bench:bundle` makes a folder that runs on machines where nothing can be installed:
 *
 *   node main.mjs [--out FOLDER] [--seconds N] [--only NAME,…] [--torch FILE] [--device gpu|software|null] [--small]
 */
import { parseArgs } from 'node:util';
import type { DeviceKind } from './open-webgpu';
import { rowMark } from './row-mark';
import { runAll } from './run-all';
import type { Row } from './section';
import { sections } from './sections';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'gpu-results' },
    seconds: { type: 'string', default: '540' },
    only: { type: 'string' },
    torch: { type: 'string' },
    device: { type: 'string', default: 'gpu' },
    small: { type: 'boolean', default: false },
    section: { type: 'string' },
    shard: { type: 'string', default: '0/1' },
  },
});

if (values.section === undefined) {
  const names = values.only?.split(',') ?? Object.keys(sections);
  const unknown = names.find((name) => !(name in sections));
  if (unknown !== undefined) {
    console.error(`There is no section "${unknown}"; there are: ${Object.keys(sections).join(', ')}.`);
    process.exit(2);
  }
  await runAll(names, { out: values.out, seconds: Number(values.seconds) });
} else {
  const [shard, shards] = values.shard.split('/').map(Number) as [number, number];
  try {
    await sections[values.section]!.run({
      device: values.device as DeviceKind,
      small: values.small,
      shard: [shard, shards],
      torchScript: values.torch,
      report: (row: Row) => console.log(rowMark + JSON.stringify(row)),
      log: (message) => console.error(message),
    });
  } catch (error) {
    const { stack, hint } = error as { stack: string; hint?: string };
    console.error([...stack.split('\n').slice(0, 6), hint ?? ''].join('\n'));
    process.exit(1);
  }
  // Dawn may keep the process alive.
  process.exit(0);
}

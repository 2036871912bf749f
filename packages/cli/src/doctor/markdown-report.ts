import { markdownTable } from '../terminal/tables';
import { type Findings, nameOf } from './findings';
import { measurementRows } from './measurement-rows';
import { formatGigabytes } from './units';

/** A report on a machine in Markdown. */
export function markdownReport({ machine, backends }: Findings): string {
  const { cpu, cores, memoryBytes, os, node, version, date } = machine;
  const gpus = new Set(
    backends.flatMap(({ gpu }) =>
      gpu ? [[gpu.device, gpu.description, gpu.vendor, gpu.architecture].filter(Boolean).join(', ')] : [],
    ),
  );
  const runsOn = backends.flatMap(({ description }) => description ?? []);
  const [head, ...rows] = measurementRows(backends);
  return [
    markdownTable([
      ['faceanim', version],
      ['date', date],
      ['CPU', `${cpu}, ${cores} cores`],
      ['memory', formatGigabytes(memoryBytes)],
      ...[...gpus].map((gpu) => ['GPU', gpu]),
      ['OS', os],
      ['Node', node],
    ]),
    '',
    ...(runsOn.length > 0 ? [markdownTable([head!, ['runs on', ...runsOn], ...rows]), ''] : []),
    ...backends.flatMap((found) =>
      found.problem ? [`- ${nameOf(found)}: ${found.problem.replace(/\s+/g, ' ')}`] : [],
    ),
  ].join('\n');
}

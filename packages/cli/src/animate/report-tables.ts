import { type Html, html } from '../report/html';
import { followed } from '../report/motion';
import { table } from '../report/page';
import type { AnimateReport } from './report';

/** Most rows of the table of frames. */
const mostRows = 500;

/** What decides the latents. */
export function settingsTable({ settings, contents, version }: AnimateReport): Html {
  return table(
    'Settings that differ from their defaults, and hashes of the inputs',
    ['setting', 'value'],
    [['version', version], ...Object.entries(settings), ...Object.entries(contents)],
  );
}

/** Measures and losses of the frames. */
export function numbersTable({ frames, motion }: AnimateReport): Html {
  const stride = Math.ceil(frames.length / mostRows);
  const faces = (['driver', 'target', 'result'] as const).filter((face) => motion?.[face]);
  const terms = Object.keys(frames[0]?.losses ?? {});
  const columns = followed.flatMap((curve) => faces.map((face) => ({ curve, face })));
  const text = (value: number | undefined) =>
    value === undefined ? '–' : String(Number(value.toPrecision(4)));
  const rows = frames.flatMap((frame, i) => {
    if (i % stride !== 0) return [];
    return [
      [
        `${frame.driverIndex}${frame.found ? '' : ' (no face)'}`,
        frame.steps,
        text(frame.seconds),
        ...columns.map(({ curve, face }) => text(motion?.[face]?.[curve][i])),
        ...terms.map((term) => text(frame.losses[term])),
      ],
    ];
  });
  const every = stride === 1 ? '' : `, one in ${stride}`;
  return html`<details class="numbers"><summary>All values, frame by frame${every}</summary>${table(
    'Values of each driver frame',
    ['frame', 'steps', 'seconds', ...columns.map(({ curve, face }) => `${curve} ${face}`), ...terms],
    rows,
  )}</details>`;
}

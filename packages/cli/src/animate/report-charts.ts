import { type ObjectiveHistory, objectiveOf } from '../report/loss-curve';
import { followed, type Motion } from '../report/motion';
import type { Chart, Curve } from '../report/page';
import { formatSeconds } from '../terminal/durations';
import type { AnimateReport } from './report';

const faces = ['driver', 'target', 'result'] as const;

/** Names of the curves in {@link Motion}. */
export const curveNames = { mouth: 'Mouth', eyes: 'Eyes', brows: 'Brows', yaw: 'Head turn' } as const;

/** Names of the terms that compare with the look. */
export const likeness: Readonly<Record<string, string>> = { lpips: 'LPIPS', identity: 'Identity' };

/** A length in eye distances, or that it is unknown. */
export const inEyes = (value: number | undefined) => value?.toFixed(4) ?? 'unknown';

/** How driver, target and result move. */
export function motionCharts(report: AnimateReport): Chart[] {
  const { motion, following } = report;
  const units = {
    mouth: 'Opening.',
    eyes: 'Opening.',
    brows: 'Height above the eyes.',
    yaw: 'To the right, in degrees.',
  };
  return followed.map((curve) => {
    const { correlation, slope } = following?.[curve] ?? {};
    const agreement =
      correlation === undefined || slope === undefined
        ? ''
        : ` Correlation with the target ${correlation.toFixed(3)}, slope ${slope.toFixed(2)}.`;
    return chart(report, {
      title: curveNames[curve],
      text: `${units[curve]}${agreement}`,
      curves: curvesOf((face) => motion?.[face]?.[curve]),
    });
  });
}

/** The same curve of driver, target and result, in their colours. */
function curvesOf(values: (face: (typeof faces)[number]) => readonly (number | null)[] | undefined): Curve[] {
  return faces.flatMap((face, colour) => {
    const found = values(face);
    return found ? [{ label: face, values: found, colour }] : [];
  });
}

/** How alike and steady the frames are, and how long they took. */
export function courseCharts(report: AnimateReport): Chart[] {
  const { frames, motion, jitter } = report;
  const likenesses = Object.entries(likeness).flatMap(([term, label], i): Curve[] => {
    const values = frames.map(({ losses }) => losses[term] ?? null);
    return values.some((value) => value !== null) ? [{ label, values, colour: 2 + i }] : [];
  });
  return [
    ...(likenesses.length > 0
      ? [
          chart(report, {
            title: 'Distance to the look',
            text: 'After the last step of each frame.',
            curves: likenesses,
          }),
        ]
      : []),
    ...(motion && jitter?.result !== undefined
      ? [
          chart(report, {
            title: 'Jitter',
            text: `Second differences of the landmarks. Mean of the result ${inEyes(jitter?.result)}, of the driver ${inEyes(jitter?.driver)}.`,
            curves: curvesOf((face) => motion[face]?.jitter),
          }),
        ]
      : []),
    ...timeChart(report),
  ];
}

/** How long the frames took that are not of an earlier run. */
function timeChart(report: AnimateReport): Chart[] {
  const [first, ...later] = report.frames.map(({ seconds }) => seconds ?? null);
  if (later.every((seconds) => seconds === null)) return [];
  const before = first
    ? ` after the first frame, which took ${formatSeconds(first)} with reading and tracking`
    : '';
  const curves = [{ label: 'seconds', values: [null, ...later], colour: 3 }];
  return [chart(report, { title: 'Time', text: `Seconds${before}.`, curves })];
}

/** The losses of a run. */
export function lossCharts(report: AnimateReport, histories: readonly ObjectiveHistory[]): Chart[] {
  const { steps } = objectiveOf(histories);
  const terms = Object.keys(report.losses).filter((term) => term !== 'total');
  return [
    {
      title: 'Objective',
      text: 'After every step. It jumps where a frame begins.',
      x: steps.map(([step]) => step),
      xLabel: 'step',
      log: true,
      curves: [{ label: 'objective', values: steps.map(([, total]) => aboveZero(total)), colour: 2 }],
    },
    chart(report, {
      title: 'Terms',
      text: 'After the last step of each frame, before weighting.',
      log: true,
      curves: terms.map((label, i) => ({
        label,
        values: report.frames.map(({ losses }) => aboveZero(losses[label])),
        colour: 2 + i,
      })),
    }),
  ];
}

/** What a logarithmic axis can show. */
const aboveZero = (value: number | undefined) => (value !== undefined && value > 0 ? value : null);

/** A chart over the driver's frames. */
function chart({ frames }: AnimateReport, facts: Omit<Chart, 'x' | 'xLabel'>): Chart {
  return {
    ...facts,
    x: frames.map(({ driverIndex }) => driverIndex),
    xLabel: 'driver frame',
    cuts: frames.flatMap(({ shot, driverIndex }, i) =>
      i > 0 && shot !== frames[i - 1]!.shot ? [driverIndex] : [],
    ),
    held: frames.flatMap(({ found, driverIndex }) => (found ? [] : [driverIndex])),
  };
}

import type { WorkerProjectOptions } from '@faceanim/browser';
import { signal } from '@preact/signals';

/** The parts of a face whose motion and weight can be set. */
export const parts = ['mouth', 'eyes', 'brows', 'jaw'] as const;
export type Part = (typeof parts)[number];

/** What the controls say. Everything but pictures: it can be shared. */
export interface Settings {
  readonly mode: 'identity' | 'mouth';
  readonly preset: 'fast' | 'thorough';
  /** How much of the driver's motion a part takes over; 1 is all. */
  readonly gain: Readonly<Record<Part, number>>;
  /** The driver's share in the head pose; 0 keeps that of the look. */
  readonly pose: number;
  /** How much a part counts, relative to the default. */
  readonly weight: Readonly<Record<Part, number>>;
  /** The most steps of a frame, relative to the preset. */
  readonly effort: number;
  /** Every n-th frame of the driver is optimised. */
  readonly every: number;
  /** The most frames of the driver; 0 for all. */
  readonly limit: number;
  /** Whether the frames are optimised once more, forwards and backwards. */
  readonly refine: boolean;
}

/** The settings that a visitor finds. */
export const defaults: Settings = {
  mode: 'identity',
  preset: 'fast',
  gain: { mouth: 1, eyes: 1, brows: 1, jaw: 1 },
  pose: 1,
  weight: { mouth: 1, eyes: 1, brows: 1, jaw: 1 },
  effort: 1,
  every: 2,
  limit: 0,
  refine: false,
};

/** The current settings. */
export const settings = signal<Settings>(defaults);

/** Changes some settings. */
export function change(changes: Partial<Settings>): void {
  settings.value = { ...settings.value, ...changes };
}

/** The default weights of the SDK, by mode. */
const weights: Record<Settings['mode'], Record<Part, number>> = {
  identity: { mouth: 2, eyes: 4, brows: 6, jaw: 0.3 },
  mouth: { mouth: 4, eyes: 2, brows: 3, jaw: 0.2 },
};

const presetSteps = { fast: [60, 20, 10], thorough: [300, 100, 50] } as const;

/** The options of a run with these settings, without the refinement. What is at its default is left to the SDK. */
export function runOptions(chosen: Settings): Omit<WorkerProjectOptions, 'driver' | 'look'> {
  const { mode, preset, pose, every, limit } = chosen;
  const gain = changed(chosen.gain, (part) =>
    mode === 'mouth' && (part === 'eyes' || part === 'brows') ? undefined : chosen.gain[part],
  );
  const groups = changed(chosen.weight, (part) => weights[mode][part] * chosen.weight[part]);
  const motion = {
    ...(gain && { gain }),
    ...(mode === 'identity' && pose !== 1 && { pose }),
  };
  return {
    ...(mode === 'mouth' && { mode }),
    ...(preset === 'thorough' && { preset }),
    ...(Object.keys(motion).length > 0 && { motion }),
    ...(groups && { groups }),
    ...(chosen.effort !== 1 && { steps: stepsOf(chosen) }),
    ...(every > 1 && { every }),
    ...(limit > 0 && { read: { limit } }),
  };
}

/** The steps of the look, the first and each later frame. */
export function stepsOf({ preset, effort }: Settings): { look: number; first: number; next: number } {
  const [look, first, next] = presetSteps[preset].map((steps) => Math.max(1, Math.round(steps * effort)));
  return { look: look!, first: first!, next: next! };
}

/** The parts that are not at 1, with their values for the SDK; undefined if all are. */
function changed(
  values: Readonly<Record<Part, number>>,
  inSdk: (part: Part) => number | undefined,
): Partial<Record<Part, number>> | undefined {
  const entries = parts.flatMap((part) => {
    const value = values[part] === 1 ? undefined : inSdk(part);
    return value === undefined ? [] : [[part, value] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

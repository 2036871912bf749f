import type { Face } from '../../look/designed';
import { StudioError } from '../../ui/problem';
import { defaults, parts, type Settings } from './settings';

/** What a file of settings holds: no pictures, so that it can be shared. */
export interface SettingsFile {
  readonly settings: Settings;
  /** Frames of the result for each optimised frame. */
  readonly factor: number;
  /** The look, if the generator made it. */
  readonly face?: Face | undefined;
}

const format = 'faceanim-studio-settings';

const unusable = (what: string) => new StudioError(what, 'Choose a file from “Save settings”.');

/** The text of a file of settings. */
export function settingsFile({ settings, ...others }: SettingsFile): string {
  return `${JSON.stringify({ format, ...others, ...settings }, null, 2)}\n`;
}

/**
 * Reads a file of settings. What it leaves out is at its default.
 *
 * @throws StudioError that says which value is wrong
 */
export function parseSettings(text: string): SettingsFile {
  const given = parsed(text);
  if (given?.format !== format) throw unusable('This is not a file of settings that the studio has saved.');
  const number = (
    name: string,
    value: unknown,
    [least, most]: readonly [number, number],
    otherwise: number,
  ) => {
    if (value === undefined) return otherwise;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    throw unusable(`${name} in the file has to be a number from ${least} to ${most}.`);
  };
  const word = <T extends string>(name: string, value: unknown, words: readonly T[], otherwise: T): T => {
    if (value === undefined) return otherwise;
    if (words.includes(value as T)) return value as T;
    throw unusable(`${name} in the file has to be ${words.join(' or ')}.`);
  };
  const each = (name: 'gain' | 'weight', most: number) => {
    const values = (given[name] ?? {}) as Record<string, unknown>;
    const entries = parts.map(
      (part) => [part, number(`${name}.${part}`, values[part], [0, most], 1)] as const,
    );
    return Object.fromEntries(entries) as Settings['gain'];
  };
  return {
    face: faceIn(given.face),
    factor: Math.round(number('factor', given.factor, [1, 8], 2)),
    settings: {
      mode: word('mode', given.mode, ['identity', 'mouth'], defaults.mode),
      preset: word('preset', given.preset, ['fast', 'thorough'], defaults.preset),
      gain: each('gain', 2),
      weight: each('weight', 4),
      pose: number('pose', given.pose, [0, 1], defaults.pose),
      effort: number('effort', given.effort, [0, 4], defaults.effort),
      every: Math.round(number('every', given.every, [1, 12], defaults.every)),
      limit: Math.round(number('limit', given.limit, [0, 1e6], defaults.limit)),
      refine: given.refine === true,
    },
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** A face of the generator, if there is a valid one. The worker checks the names of the factors. */
function faceIn(given: unknown): Face | undefined {
  const { seed, factors } = (given ?? {}) as Partial<Face>;
  const values = Object.values(factors ?? {});
  if (!Number.isInteger(seed) || seed! < 0 || !values.every(Number.isFinite)) return undefined;
  return { seed: seed!, factors: factors ?? {} };
}

import { FaceanimError } from '@faceanim/tensor';
import { accepting } from '@faceanim/tensor/options';

/** Init kwargs of a network as its checkpoint holds them. */
export type InitKwargs = Readonly<Record<string, unknown>>;

/** Accepts {@link InitKwargs}. */
export const configCheck = accepting(
  'an object, as init_kwargs of a checkpoint',
  (value) => typeof value === 'object' && value !== null,
);

/** What {@link ConfigValues.number} accepts. */
export interface NumberRange {
  /** Only whole numbers. */
  whole?: boolean;
  /** Inclusive lower bound. */
  least?: number;
  /** Exclusive lower bound. */
  above?: number;
}

/**
 * Reads values of a network's configuration. They come from a file, so they may be anything. A missing value, or Python's
 * None, is undefined.
 */
export class ConfigValues {
  constructor(
    private readonly values: InitKwargs,
    private readonly context: { readonly network: string; readonly file?: string },
    private readonly path = '',
  ) {}

  /** The nested dict of a part of the network, such as `mapping_kwargs`; empty if there is none. */
  part(name: string): ConfigValues {
    const value = this.#get(name) ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) throw this.#refuse(name, value, 'a dict');
    return new ConfigValues(value as InitKwargs, this.context, `${this.path}${name}.`);
  }

  /** Where to read a value from: the part if it has the value, else this configuration. */
  partWith(part: string, name: string): ConfigValues {
    const own = this.part(part);
    return own.has(name) ? own : this;
  }

  /** A finite number in a range. */
  number(name: string, { whole = false, least, above }: NumberRange = {}): number | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    const fits =
      typeof value === 'number' &&
      (whole ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
      value >= (least ?? value) &&
      !(above !== undefined && value <= above);
    if (fits) return value;
    const range =
      least === undefined ? (above === undefined ? '' : ` above ${above}`) : ` of at least ${least}`;
    throw this.#refuse(name, value, `a ${whole ? 'whole' : 'finite'} number${range}`);
  }

  text(name: string): string | undefined {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#refuse(name, value, 'a string');
  }

  /** Whether the value is present; None counts. */
  has(name: string): boolean {
    return Object.hasOwn(this.values, name);
  }

  /** @throws FaceanimError if the configuration contradicts a number found in the tensors */
  expect(name: string, found: number): void {
    const value = this.number(name, { whole: true, least: 0 });
    if (value === undefined || value === found) return;
    throw this.#refuse(name, value, `${found}, as in the tensors of the file: is something missing?`);
  }

  #get(name: string): unknown {
    return this.has(name) ? (this.values[name] ?? undefined) : undefined;
  }

  #refuse(name: string, value: unknown, expected: string): FaceanimError {
    const { network, file } = this.context;
    const shown = typeof value === 'number' || typeof value === 'bigint' ? `${value}` : JSON.stringify(value);
    return new FaceanimError(
      'weights-mismatch',
      `${file ?? `The configuration of ${network}`}: ${this.path}${name} is ${String(shown).slice(0, 100)}, expected ${expected}.`,
      { file, hint: `Correct the configuration of ${network}, or pass the original checkpoint.` },
    );
  }
}

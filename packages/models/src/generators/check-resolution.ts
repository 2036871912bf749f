import type { Generator } from '@faceanim/core';
import { invalidOption } from '@faceanim/tensor';

/** Throws `invalid-option` for a resolution at which the generator cannot draw. */
export function checkResolution(
  given: number,
  { resolution, stops = [] }: Pick<Generator, 'resolution' | 'stops'>,
): void {
  const known = [...stops.map((stop) => stop.resolution), resolution];
  if (!known.includes(given)) throw invalidOption('resolution', given, known.join(' or '));
}

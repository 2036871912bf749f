import { alike } from '../alike';
import type { LatentSpace } from '../latents/latent-space';
import type { LossTerm } from '../losses/loss-term';
import { type TermUnits, type TermUnitsOptions, termUnits } from './term-units';

interface KnownUnit {
  readonly term: LossTerm;
  readonly space: LatentSpace;
  readonly look: boolean;
  readonly unit: number;
}

/** {@link termUnits} that remembers the units it has computed, for runs with the same generator and backend. */
export function knownUnits(): (terms: readonly LossTerm[], options: TermUnitsOptions) => Promise<TermUnits> {
  const known: KnownUnit[] = [];
  return async (terms, options) => {
    const { space, look } = options;
    const find = (term: LossTerm) =>
      known.find((each) => each.space === space && each.look === look && alike(each.term, term));
    const missing = terms.filter((term) => term.relative && !find(term));
    const computed = await termUnits(missing, options);
    for (const [term, unit] of computed) known.push({ term, space, look, unit });
    return new Map(terms.filter(({ relative }) => relative).map((term) => [term, find(term)!.unit]));
  };
}

import { identityLosses, type LossTerm, type ProjectSequenceOptions, thorough } from '@faceanim/core';

/** One way to take the steps, as options of `projectSequence`. */
export type Idea = Partial<ProjectSequenceOptions>;

const few = { first: 60, next: 10 };

/** Ways to take the steps by name; `thorough` is what the others are held against. */
export const ideas: Readonly<Record<string, Idea>> = {
  thorough: thorough(),
  fast: {},
  'adam, few steps': { optimizer: 'adam', steps: few },
  'adam, few steps, twice the rate': { steps: few, learningRate: { first: 0.15, next: 0.1 } },
  'adam, few steps, shorter memory': { steps: few, adam: { beta2: 0.95 } },
  'adam, few steps, w': { space: 'w', steps: few },
  'adam, few steps, w+': { space: 'w+', steps: few },
  'adam, few steps, whitened-w+': { space: 'whitened-w+', steps: few },
  'fast, landmarks from the start': { losses: landmarksFromTheStart() },
};

/** The default objective without the stages in which landmarks come in. */
function landmarksFromTheStart(): LossTerm[] {
  return identityLosses().map((term) => {
    const { weight } = term;
    return typeof weight === 'number'
      ? term
      : { ...term, weight: weight({ frame: 1, step: 0, steps: 1, progress: 0 }) };
  });
}

import type { ProgressEvent } from '@faceanim/core';

/** Measures steps alone: neither what is done between frames nor a first step that compiles. */
export class StepTimer {
  #steps = 0;
  #ms = 0;
  #last: { frame: number | undefined; step: number; at: number } | undefined;
  #warm: boolean;

  /** @param compiles whether the first step compiles what later ones run. */
  constructor(compiles: boolean) {
    this.#warm = !compiles;
  }

  /** Notes a progress event of a run. */
  note({ stage, frame, step = -1 }: ProgressEvent): void {
    if (stage !== 'optimize') return;
    const at = performance.now();
    const last = this.#last;
    this.#last = { frame, step, at };
    if (!last || last.frame !== frame || step <= last.step) return;
    if (this.#warm) {
      this.#steps += step - last.step;
      this.#ms += at - last.at;
    }
    this.#warm = true;
  }

  /** Mean milliseconds of a step; undefined before one was measured. */
  get msPerStep(): number | undefined {
    return this.#steps > 0 ? this.#ms / this.#steps : undefined;
  }
}

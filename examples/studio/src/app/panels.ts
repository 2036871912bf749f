import type { ComponentType } from 'preact';

/** A tab of the studio. */
export interface Panel {
  /** Its address: `#animate`. */
  readonly id: string;
  readonly title: string;
  /** Loads the folder of the panel, when it is first shown. */
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

/** The tabs, from left to right. */
export const panels: readonly Panel[] = [
  { id: 'animate', title: 'Animate', load: () => import('../animate/panel') },
  { id: 'live', title: 'Live', load: () => import('../live/panel') },
  { id: 'playground', title: 'Playground', load: () => import('../playground/panel') },
];

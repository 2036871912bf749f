import type { ComponentChildren } from 'preact';
import { Icon } from './icon';
import type { Problem } from './problem';

interface ProblemNoteProps {
  readonly problem: Problem | undefined;
  readonly onClose?: () => void;
  /** A button that helps. */
  readonly children?: ComponentChildren;
}

/** Shows a problem where it happened, and reads it out. */
export function ProblemNote({ problem, onClose, children }: ProblemNoteProps) {
  if (!problem) return null;
  const { what, advice, details } = problem;
  return (
    <div role="alert" class="note note-problem">
      <Icon name="warning" />
      <div>
        <p>{what}</p>
        {advice && <p class="hint">{advice}</p>}
        {details && <Details>{details}</Details>}
        {children}
      </div>
      {onClose && (
        <button type="button" class="icon-button" onClick={onClose} aria-label="Dismiss">
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

/** What only some want to read. */
export function Details({ label = 'Details', children }: { label?: string; children: ComponentChildren }) {
  return (
    <details class="details">
      <summary>{label}</summary>
      <p>{children}</p>
    </details>
  );
}

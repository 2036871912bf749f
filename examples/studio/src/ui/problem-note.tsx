import { Icon } from './icon';
import type { Problem } from './problem';

/** Shows a problem where it happened, and reads it out. */
export function ProblemNote({ problem, onClose }: { problem: Problem | undefined; onClose?: () => void }) {
  if (!problem) return null;
  return (
    <div role="alert" class="note note-problem">
      <Icon name="warning" />
      <div>
        <p>{problem.message}</p>
        {problem.hint && <p class="hint">{problem.hint}</p>}
      </div>
      {onClose && (
        <button type="button" class="icon-button" onClick={onClose} aria-label="Dismiss">
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

import { FaceanimError } from '@faceanim/tensor/errors';
import { Icon } from './icon';

/** An error as a person reads it: what happened, and what to do. */
export interface Problem {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Whether a call ended because it was cancelled, which is no problem. */
export const isCancelled = (error: unknown) => FaceanimError.isInstance(error, 'aborted');

/** Words for anything that was thrown. */
export function problemOf(error: unknown): Problem {
  if (FaceanimError.isInstance(error)) return { message: error.message, hint: error.hint };
  return { message: error instanceof Error ? error.message : String(error) };
}

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

import { ProblemNote } from '../ui/problem-note';
import { engine, reopen } from './engine';

/** Says why the engine does not run, and starts another. */
export function EngineNote() {
  const { value } = engine;
  if (value.phase !== 'failed') return null;
  return (
    <ProblemNote problem={value.problem}>
      <button type="button" class="button button-small" onClick={reopen}>
        Start the engine again
      </button>
    </ProblemNote>
  );
}

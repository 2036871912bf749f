import { signal } from '@preact/signals';

const said = signal('');

/** Lets screen readers say something, once they are done with what they are saying. */
export function announce(words: string): void {
  said.value = words;
}

/** What was announced last. It is in the page from the start, since screen readers notice changes only. */
export function Announcer() {
  return (
    <p class="hidden" role="status">
      {said.value}
    </p>
  );
}

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon';

/** A question mark that explains something: on hover, on focus and on a tap. */
export function Tip({ about, children }: { about: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <span class="tip">
      <button type="button" aria-label={`About ${about}`} aria-describedby={id}>
        <Icon name="help" />
      </button>
      <span role="tooltip" id={id}>
        {children}
      </span>
    </span>
  );
}

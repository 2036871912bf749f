import { homepage } from '../../../../package.json';

/** What to ask for before a face is animated. */
export function Consent() {
  return (
    <p class="hint">
      Animate real people only with their consent, and say that it was generated.{' '}
      <a href={homepage.replace('#readme', '/blob/main/docs/consent.md')} target="_blank" rel="noreferrer">
        Consent and labels
      </a>
    </p>
  );
}

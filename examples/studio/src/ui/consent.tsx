/** What to ask for before a face is animated. */
export function Consent() {
  return (
    <p class="hint">
      Animate real people only with their consent, and say that it was generated.{' '}
      <a
        href="https://github.com/faceanim/faceanim/blob/main/docs/consent.md"
        target="_blank"
        rel="noreferrer"
      >
        Consent and labels
      </a>
    </p>
  );
}

/** Markup that is safe to put into a page as it is. */
export class Html {
  constructor(readonly text: string) {}
}

/** What can be put into {@link html}: text is escaped, `undefined` and `false` are nothing. */
export type Content = Html | string | number | undefined | false | readonly Content[];

/** Markup with values in it: html`<b>${name}</b>`. Text is escaped, so that no file name can break a page. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(strings.map((text, i) => text + (i < values.length ? textOf(values[i]) : '')).join(''));
}

/** Data for a script of the page, in an element with this id. */
export function jsonScript(id: string, value: unknown): Html {
  // `</script>` in a string would end the element.
  const json = JSON.stringify(value).replaceAll('<', '\\u003c');
  return html`<script type="application/json" id="${id}">${new Html(json)}</script>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function textOf(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (Array.isArray(content)) return content.map(textOf).join('');
  return String(content).replace(/[&<>"']/g, (char) => entities[char]!);
}

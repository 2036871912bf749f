/**
 * When the control that has the focus goes away or is disabled, the focus goes to the nearest place that is left: to the
 * control with `data-home` in the same part of the page, or to the section itself.
 */
export function keepFocus(): void {
  /** What has the focus, and what it is in. */
  let path: readonly Element[] = [];
  const isGone = (element: Element | undefined) =>
    element !== undefined && (!element.isConnected || element.matches(':disabled'));

  addEventListener('focusin', ({ target }) => {
    path = target instanceof Element ? withParents(target) : [];
  });
  addEventListener('focusout', () => {
    // An element that goes away loses it, too, but is gone only after this.
    queueMicrotask(() => {
      if (!isGone(path[0]) && document.activeElement === document.body) path = [];
    });
  });
  new MutationObserver(() => {
    const [last] = path;
    const { activeElement } = document;
    if (!isGone(last) || (activeElement !== document.body && activeElement !== last)) return;
    for (const each of path.slice(1)) {
      if (!each.isConnected) continue;
      const home = each.querySelector<HTMLElement>('[data-home]:not(:disabled)');
      if (home) return home.focus({ preventScroll: true });
      if (each instanceof HTMLElement && each.matches('section, main')) {
        each.tabIndex = -1;
        return each.focus({ preventScroll: true });
      }
    }
  }).observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['disabled'],
  });
}

function withParents(element: Element): Element[] {
  const path: Element[] = [];
  for (let each: Element | null = element; each; each = each.parentElement) path.push(each);
  return path;
}

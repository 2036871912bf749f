// The browser keeps nothing in private windows of some kinds, nor in frames of other sites: then asking for it throws.

/** What was kept under a name at an earlier visit. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a word for later visits; undefined forgets it. */
export function keep(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // It lasts as long as the page.
  }
}

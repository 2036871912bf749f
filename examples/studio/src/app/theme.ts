import { effect, signal } from '@preact/signals';
import { keep, kept } from '../ui/kept';

/** Colours as the system has them, or chosen here. */
export type Theme = 'auto' | 'dark' | 'light';

const stored = kept('theme');

/** The chosen colours. */
export const theme = signal<Theme>(stored === 'dark' || stored === 'light' ? stored : 'auto');

const system = matchMedia('(prefers-color-scheme: dark)');

/** Whether the system asks for dark colours. */
const systemDark = signal(system.matches);
system.addEventListener('change', ({ matches }) => {
  systemDark.value = matches;
});

/** Whether the page is dark now. */
export const isDark = () => (theme.value === 'auto' ? systemDark.value : theme.value === 'dark');

effect(() => {
  const { value } = theme;
  if (value === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
  keep('theme', value === 'auto' ? undefined : value);
});

/** Changes to the colours that are not shown. */
export function switchTheme(): void {
  const next = isDark() ? 'light' : 'dark';
  theme.value = (next === 'dark') === systemDark.value ? 'auto' : next;
}

import { effect, signal } from '@preact/signals';
import { keep, kept } from '../ui/kept';

/** Colours as the system or the page around has them, or chosen here. */
export type Theme = 'auto' | 'dark' | 'light';

const isScheme = (value: unknown): value is 'dark' | 'light' => value === 'dark' || value === 'light';

const stored = kept('theme');

/** The chosen colours. */
export const theme = signal<Theme>(isScheme(stored) ? stored : 'auto');

const system = matchMedia('(prefers-color-scheme: dark)');

/** Whether the system asks for dark colours. */
const systemDark = signal(system.matches);
system.addEventListener('change', ({ matches }) => {
  systemDark.value = matches;
});

/** The colours of the page that the studio is embedded in: `?theme=dark` in its address, or a message `{ theme: 'dark' }`. */
const around = signal<unknown>(new URLSearchParams(location.search).get('theme'));
addEventListener('message', ({ source, data }) => {
  if (parent !== window && source === parent && isScheme(data?.theme)) around.value = data.theme;
});

/** Whether the page is dark unless something else is chosen. */
const autoDark = () => (isScheme(around.value) ? around.value === 'dark' : systemDark.value);

/** Whether the page is dark now. */
export const isDark = () => (theme.value === 'auto' ? autoDark() : theme.value === 'dark');

effect(() => keep('theme', theme.value === 'auto' ? undefined : theme.value));

effect(() => {
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
});

/** Changes to the colours that are not shown. */
export function switchTheme(): void {
  const next = isDark() ? 'light' : 'dark';
  theme.value = (next === 'dark') === autoDark() ? 'auto' : next;
}

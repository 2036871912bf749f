import { signal } from '@preact/signals';
import { type Panel, panels } from './panels';

const fromAddress = (): Panel => panels.find(({ id }) => `#${id}` === location.hash) ?? panels[0]!;

/** The panel that the address names. */
export const panel = signal(fromAddress());

addEventListener('hashchange', () => {
  panel.value = fromAddress();
});

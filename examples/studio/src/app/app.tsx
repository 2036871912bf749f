import { useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentType } from 'preact';
import { Announcer } from '../ui/announcer';
import { Header } from './header';
import { panel } from './route';

const content = 'main';

/** The whole page: the header, and the panel that the address names. */
export function App() {
  return (
    <>
      <a class="skip" href={`#${content}`} onClick={toContent}>
        Skip to content
      </a>
      <Header />
      <Announcer />
      <main id={content} tabIndex={-1}>
        <PanelView />
      </main>
    </>
  );
}

function PanelView() {
  const shown = useSignal<ComponentType | undefined>(undefined);
  useSignalEffect(() => {
    const wanted = panel.value;
    document.title = `${wanted.title} · faceanim studio`;
    void wanted.load().then(({ default: View }) => {
      // Another one may have been chosen while it was loading.
      if (panel.peek() !== wanted) return;
      shown.value = View;
      scrollTo(0, 0);
    });
  });
  const View = shown.value;
  return View ? <View /> : <p class="loading">Loading…</p>;
}

/** The address is that of the panel, and stays so. */
function toContent(event: Event) {
  event.preventDefault();
  document.getElementById(content)?.focus();
}

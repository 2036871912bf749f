import { EngineMenu } from '../engine/engine-menu';
import { Icon } from '../ui/icon';
import { panels } from './panels';
import { panel } from './route';
import { isDark, switchTheme } from './theme';

/** The name of the page, its tabs, the backend and the colours. */
export function Header() {
  const next = isDark() ? 'light' : 'dark';
  return (
    <header class="top">
      <a class="brand" href={`#${panels[0]!.id}`}>
        <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width={28} height={28} />
        <span>
          faceanim <em>studio</em>
        </span>
      </a>
      <nav class="tabs" aria-label="Panels">
        {panels.map(({ id, title }) => (
          <a key={id} href={`#${id}`} aria-current={panel.value.id === id ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <div class="top-end">
        <EngineMenu />
        <button type="button" class="icon-button" onClick={switchTheme} aria-label={`Use ${next} colours`}>
          <Icon name={next === 'dark' ? 'moon' : 'sun'} />
        </button>
      </div>
    </header>
  );
}

import '@fontsource-variable/instrument-sans';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/panel.css';
import './styles/shell.css';
import { render } from 'preact';
import { App } from './app/app';
import { openSoon } from './engine/engine';
import { keepFocus } from './ui/keep-focus';

render(<App />, document.getElementById('app')!);
keepFocus();
openSoon();

// Builds pages from the packed packages and uses them in a headless Chromium: the page of Get started and the
// examples as a person would, then runs that are aborted, go on after a reload, or get wrong files. Run
// `npm run build:js` before. Needs no network.
import { findChromium } from './browser';
import { finish } from './checks.mjs';
import { checkExamples } from './pages/examples.mjs';
import { checkGetStarted } from './pages/get-started.mjs';
import { checkSessions } from './pages/sessions.mjs';
import { openPages } from './pages/setup.mjs';

if (!findChromium()) {
  console.log('skipped: no Chromium in the PATH, and CHROMIUM names none');
  process.exit();
}
const pages = await openPages();
await checkGetStarted(pages);
await checkExamples(pages);
await checkSessions(pages);
await pages.close();
finish(`the pages are in ${pages.folder}`);
pages.remove();

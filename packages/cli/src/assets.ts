import { fileURLToPath } from 'node:url';

// src/ and dist/ both lie beside assets/, so the relative paths hold before and after the build.
const asset = (name: string) => fileURLToPath(new URL(`../assets/${name}`, import.meta.url));

/** The bundled driver. */
export const demoDriver = asset('demo-driver.webp');
/** The bundled look. */
export const demoLook = asset('demo-look.png');
/** Style sheet and script of report pages. */
export const pageStyle = asset('report/page.css');
export const pageScript = asset('report/page.js');

import { fileURLToPath } from 'node:url';

// src/ and dist/ both lie beside assets/, so the relative paths hold before and after the build.

/** The bundled driver. */
export const demoDriver = fileURLToPath(new URL('../assets/demo-driver.webp', import.meta.url));
/** The bundled look. */
export const demoLook = fileURLToPath(new URL('../assets/demo-look.png', import.meta.url));

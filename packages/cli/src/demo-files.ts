import { fileURLToPath } from 'node:url';

/** The bundled driver and look. This file and its bundle lie in folders beside `assets/`: so the path is true for both. */
export const demoDriver = fileURLToPath(new URL('../assets/demo-driver.webp', import.meta.url));
export const demoLook = fileURLToPath(new URL('../assets/demo-look.png', import.meta.url));

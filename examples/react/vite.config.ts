// The development server bundles only what it finds in the page, and the worker imports more.
const packages = ['backend-web', 'core', 'core/retargeting', 'media', 'models', 'tensor'];

export default {
  // Else the worker is one script, with every runtime that it might load.
  worker: { format: 'es' },
  optimizeDeps: { include: packages.map((name) => `@faceanim/${name}`) },
};

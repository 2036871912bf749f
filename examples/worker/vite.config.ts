// The development server bundles only what it finds in the page, and the worker imports more.
const packages = ['backend-web', 'core', 'core/retargeting', 'media', 'models', 'tensor'];

export default { optimizeDeps: { include: packages.map((name) => `@faceanim/${name}`) } };

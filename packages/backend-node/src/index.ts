/** @packageDocumentation `@faceanim/core` in Node: tensor runtimes. */
export { backendNames, openBackend } from './open-backend';

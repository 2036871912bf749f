/**
 * Checks of options, for authors of packages: every call of the SDK refuses options that it does not know, and yours can
 * too, in one line.
 *
 * @module @faceanim/tensor/options
 */
export {
  type CheckOptionsExtras,
  checkOptions,
  type OptionCheck,
  type OptionChecks,
  renamedOption,
} from './check-options';
export * from './checks';
export { didYouMean } from './did-you-mean';

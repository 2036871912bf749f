/**
 * Helpers to test your own loss terms, networks and backends: tiny networks, a check of loss terms, and contract checks of a
 * whole projection. `@faceanim/tensor/testing` has gradient checks, leak counts and the contract checks of backends.
 *
 * @module @faceanim/core/testing
 */
import '@faceanim/tensor';

export * from './check-loss-term';
export * from './check-optimizer';
export { type ProjectionContractOptions, projectionContract } from './projection-contract';
export * from './tiny-driver';
export * from './tiny-networks';
export { type TinyRun, tinyRun } from './tiny-run';

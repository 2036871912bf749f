/**
 * Tests for custom loss terms, networks and backends: tiny networks, a check of loss terms, the contract suite of a
 * projection. Gradient checks, leak counts and the contract suite of backends are in `@faceanim/tensor/testing`.
 *
 * @module @faceanim/core/testing
 */
import '@faceanim/tensor';

export * from './check-loss-term';
export { type ProjectionContractOptions, projectionContract } from './projection-contract';
export * from './tiny-driver';
export * from './tiny-networks';
export { type TinyRun, tinyRun } from './tiny-run';

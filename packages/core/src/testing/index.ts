/**
 * What a loss term, a network or a backend of one's own can be tested with: tiny networks, gradient checks, leak counts.
 *
 * @packageDocumentation
 */
import '../tensor/gradients';

export * from './checks';
export * from './tiny-networks';

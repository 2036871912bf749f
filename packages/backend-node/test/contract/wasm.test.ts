import { describeContract } from './support';

describeContract('wasm', { tooLarge: 2 ** 30 - 1 });

import { describeContract } from './support';

describeContract('wasm', { tooLarge: 2 ** 30 - 1 });

describeContract('wasm', { threads: 2, tooLarge: 2 ** 30 - 1, long: /./ });

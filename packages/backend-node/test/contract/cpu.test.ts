import { describeContract } from './support';

describeContract('cpu');

import { describeContract } from './support';

describeContract('cuda');

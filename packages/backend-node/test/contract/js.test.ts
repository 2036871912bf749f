import { describeContract } from './support';

describeContract('js');

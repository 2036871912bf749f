// The worker that `createWorkerProjector` starts.
import { serveProjector } from './worker';

serveProjector();

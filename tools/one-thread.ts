import { vi } from 'vitest';

// Test files already run side by side, one for each core.
vi.mock('node:os', async (importOriginal) => ({
  ...(await importOriginal<typeof import('node:os')>()),
  availableParallelism: () => 1,
}));

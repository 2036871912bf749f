// Loaded into each process of tests, which would go on when vitest is killed. `process.exit` is vitest's own there.
process.once('disconnect', () => process.kill(process.pid));

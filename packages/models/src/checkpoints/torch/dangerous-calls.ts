import type { PickleGlobal } from './pickle-records';

/** Modules that attacks use and pickles of networks do not need. */
const dangerousModules = new Set(
  `os posix nt sys subprocess shutil pty socket ctypes importlib imp runpy code codeop commands webbrowser
   multiprocessing asyncio threading signal pickle _pickle cPickle marshal timeit pdb bdb profile cProfile
   urllib http ftplib smtplib requests pip operator functools types inspect builtins __builtin__`.split(
    /\s+/,
  ),
);
/** What ordinary checkpoints use from these modules. */
const harmlessNames = new Set(
  `set frozenset list dict tuple int long float complex bool str unicode bytes bytearray slice range xrange object
   getattr partial SimpleNamespace`.split(/\s+/),
);

/** Whether calling this could harm whoever opens the file in Python, and no checkpoint needs it. */
export function isDangerous({ module, name }: PickleGlobal): boolean {
  return dangerousModules.has(module.split('.', 1)[0]!) && !harmlessNames.has(name);
}

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that has a lock. */
export interface Owner {
  /** Tells this lock from all others. */
  readonly id: string;
  readonly pid: number;
  /** When the process began, as the system counts: process ids are reused. Empty if it does not say. */
  readonly began: string;
  /** Hash of the system start and the table of processes that `pid` belongs to: containers may share a host name. */
  readonly machine: string;
  readonly host: string;
}

/** This process, as the owner of a new lock. */
export function newOwner(): Owner {
  const { pid } = process;
  return { id: randomBytes(8).toString('hex'), pid, began: beganOf(pid) ?? '', machine, host: ourHost };
}

/** An owner as the name of a file. */
export function fileOf({ id, pid, began, machine: where, host }: Owner): string {
  return [id, pid, began, where, host].join('~');
}

/** Reads {@link fileOf}; undefined for any other name. */
export function ownerOf(name: string): Owner | undefined {
  const [id, pid, began, where, host, ...more] = name.split('~');
  if (host === undefined || more.length > 0 || !/^\d+$/.test(pid!)) return undefined;
  return { id: id!, pid: Number(pid), began: began!, machine: where!, host };
}

/** Whether the process of an owner is running. `unknown` on another machine, and where the system does not say. */
export function stateOf({ host, machine: where, pid, began }: Owner): 'running' | 'gone' | 'unknown' {
  if (host !== ourHost || where !== machine) return 'unknown';
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
  }
  const now = beganOf(pid);
  if (now === undefined || began === '') return 'unknown';
  return now === began ? 'running' : 'gone';
}

/** Without what a file name may not have. */
const ourHost = hostname().replace(/[^\w.-]/g, '_');

/** The same for all where there is no /proc. */
const machine = createHash('sha256')
  .update(orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')))
  .update(orEmpty(() => readlinkSync('/proc/self/ns/pid')))
  .digest('hex')
  .slice(0, 12);

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

/** When a process began, as Linux counts. A zombie, which has ended but was not waited for, began `never`. */
function beganOf(pid: number): string | undefined {
  // The name of the program, in parentheses, may hold spaces.
  const fields = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
    .split(') ')
    .at(-1)!
    .split(' ');
  return /^[ZX]$/.test(fields[0]!) ? 'never' : fields[19];
}

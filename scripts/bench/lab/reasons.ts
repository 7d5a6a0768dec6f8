// Why tests of the lab fail, in words: a sentence for each cause, in which numbers, paths and names differ from run to
// run. Of the sentences of Avocado-VT, pytest and libvirt.

import { Random } from './random'

/** What a sentence is filled with: words of the cause, and values of the run. */
interface Words {
  /** Of the cause: the same in each of its failures. */
  cause: Random
  /** Of the run. */
  run: Random
  host: string
}

const FUNCTIONS = [
  'open',
  'read',
  'write',
  'flush',
  'attach',
  'detach',
  'start',
  'stop',
  'migrate',
  'resize',
  'probe',
]
const OBJECTS = [
  'volume',
  'domain',
  'device',
  'channel',
  'monitor',
  'bridge',
  'snapshot',
  'pool',
  'bitmap',
  'export',
]
const TOOLS = [
  'qemu-img check',
  'qemu-img convert',
  'virsh start',
  'lvcreate',
  'mkfs.ext4',
  'ip link set',
  'dnf install',
]

const called = ({ cause }: Words) => `${cause.pick(OBJECTS)}_${cause.pick(FUNCTIONS)}_${cause.hex(2)}`
const path = ({ run }: Words) => `/var/tmp/avocado_${run.hex(8)}/${run.hex(6)}.qcow2`
const number = ({ run }: Words, limit: number) => run.below(limit)

/** Sentences whose values differ in nearly each failure. */
const VARYING: ((words: Words) => string)[] = [
  (w) => `Guest avocado-vt-vm${number(w, 9)} did not ${called(w)} within ${number(w, 600)} seconds`,
  (w) =>
    `Command '${w.cause.pick(TOOLS)} ${path(w)}' failed with exit status ${w.cause.below(4)}: ${called(w)}`,
  (w) =>
    `[Errno 104] Connection reset by peer 10.${number(w, 4)}.${number(w, 256)}.${number(w, 256)}:${5900 + number(w, 90)} in ${called(w)}`,
  (w) =>
    `BUG: unable to handle page fault for address: ffff${w.run.hex(12)} RIP: 0010:${called(w)}+0x${w.run.hex(2)}/0x${w.run.hex(3)}`,
  (w) =>
    `${called(w)}: job ${w.run.hex(8)}-${w.run.hex(4)}-4${w.run.hex(3)}-a${w.run.hex(3)}-${w.run.hex(12)} timed out after ${number(w, 9000)} ms`,
  (w) => `assert ${number(w, 100_000)} == ${number(w, 100_000)} : ${called(w)}`,
  (w) =>
    `Throughput of ${called(w)} is ${number(w, 9000)} MB/s, less than ${number(w, 9000)} MB/s on ${w.host}`,
  (w) =>
    `drivers/${w.cause.pick(OBJECTS)}/${w.cause.pick(FUNCTIONS)}.c:${number(w, 4000)} ${called(w)} returned ${-1 - w.cause.below(40)}`,
  (w) =>
    `Traceback (most recent call last):\n  File "/usr/lib/python3.12/site-packages/avocado/core/test.py", line ${number(w, 900)}, in _run_avocado\n    raise test_exception\n  File "${path(w)}", line ${number(w, 900)}, in ${called(w)}\nRuntimeError: ${w.cause.pick(OBJECTS)} ${w.run.hex(8)} is gone after ${number(w, 900)} s`,
]

/** Sentences that are the same in each failure of a cause. */
const FIXED: ((words: Words) => string)[] = [
  (w) => `${called(w)} is not supported by this machine type`,
  (w) => `AssertionError: ${called(w)} returned None`,
  (w) => `Timeout reached in ${called(w)}`,
  (w) => `Permission denied by SELinux: ${called(w)}`,
  (w) => `unexpected ${w.cause.pick(OBJECTS)} state after ${called(w)}`,
]

const VARYING_SHARE = 0.75
const UNINFORMATIVE = 'Test died without reporting the status.'

/**
 * @param cause  a number: what is broken.
 * @param run  of this failure.
 */
export function reasonOf(seed: number, cause: number, run: Random, host: string): string {
  const words = { cause: new Random(seed, 6, cause), run, host }
  if (words.cause.chance(0.02)) return UNINFORMATIVE
  const sentences = words.cause.chance(VARYING_SHARE) ? VARYING : FIXED
  return words.cause.pick(sentences)(words)
}

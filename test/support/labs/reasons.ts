// What tests say when they fail: one sentence a cause, with values that differ from run to run.

import type { Dice } from './dice'

type Values = Record<
  'number' | 'address' | 'uuid' | 'ip' | 'path' | 'guest' | 'disk' | 'time' | 'host',
  string
>
type Sentence = (value: Values) => string

const ofTests: readonly Sentence[] = [
  (v) => `Guest ${v.guest} did not answer on the serial console after ${v.number} seconds`,
  (v) => `virsh attach-device ${v.guest} failed: error: Failed to attach device from ${v.path}.xml`,
  (v) => `Migration of ${v.guest} to qemu+tcp://${v.ip}/system ended with: operation aborted`,
  (v) => `Command 'qemu-img convert ${v.path}.qcow2' failed with exit status 1`,
  (v) => `Command 'qemu-img convert ${v.path}.qcow2' failed with exit status 134`,
  (v) => `QMP command block-stream on ${v.disk} did not finish in ${v.number} s`,
  (v) =>
    `Oops: general protection fault at ${v.address}\nCPU: ${v.number} PID: ${v.number}\nRIP: 0010:vhost_worker+${v.address}/${v.address}`,
  (v) =>
    `Oops: general protection fault at ${v.address}\nCPU: ${v.number} PID: ${v.number}\nRIP: 0010:ext4_map_blocks+${v.address}/${v.address}`,
  (v) => `INFO: task qemu-kvm:${v.number} blocked for more than ${v.number} seconds`,
  (v) => `AssertionError: expected ${v.number} vcpus, the guest has ${v.number}`,
  (v) => `AssertionError: volume ${v.uuid} is still in the pool`,
  (v) => `Disk ${v.disk} did not appear in ${v.guest} (${v.time})`,
  (v) => `Bandwidth ${v.number}.${v.number} Gbit/s is lower than ${v.number} Gbit/s`,
  (v) => `The clock of the guest is ${v.number} ms behind, measured at ${v.time}`,
  (v) => `hugetlbfs: ${v.number} pages asked for, ${v.number} given`,
  (v) => `monitor ${v.path}.sock: [Errno 32] Broken pipe`,
  (v) => `monitor ${v.path}.sock: [Errno 104] Connection reset by peer`,
  (v) => `${v.number} of ${v.number} packets to ${v.ip} were lost`,
  (v) => `swtpm left ${v.path}/tpm2-00.permall locked by pid ${v.number}`,
  (v) => `KeyError: 'cpu_mode' in test parameters of ${v.guest}`,
  (v) => `No core was written to /var/crash/${v.ip}-${v.time}/vmcore`,
  (v) => `Snapshot ${v.uuid} has no parent`,
  (v) => `Unexpected PCI address ${v.address} of ${v.disk}`,
  (v) => `nbd server on ${v.ip}:${v.number} refused the connection`,
]
const ofNights: readonly Sentence[] = [
  (v) => `ssh: connect to host ${v.host}: Connection timed out`,
  (v) => `No space left on device: '${v.path}.img'`,
  (v) => `mount.nfs: ${v.ip}:/exports/images: Stale file handle`,
  (v) => `curl: (6) Could not resolve host: images.${v.host}.example.org`,
]

/** Numbers of causes; those of nights come after those of tests. */
export const TEST_CAUSES = ofTests.map((_, cause) => cause)
export const NIGHT_CAUSES = ofNights.map((_, at) => ofTests.length + at)

export function sayReason(dice: Dice, cause: number, host: string): string {
  const sentence = (ofTests[cause] ?? ofNights[cause - ofTests.length]) as Sentence
  return sentence(valuesOf(dice, host))
}

/** Each value is made when it is asked for, so that two in one sentence differ. */
function valuesOf(dice: Dice, host: string): Values {
  return {
    host,
    get number() {
      return String(Math.round(dice.scale(1, 50_000)))
    },
    get address() {
      return `0x${dice.hex(dice.pick([2, 4, 12]))}`
    },
    get uuid() {
      return [8, 4, 4, 4, 12].map((digits) => dice.hex(digits)).join('-')
    },
    get ip() {
      return `10.${dice.whole(0, 255)}.${dice.whole(0, 255)}.${dice.whole(1, 254)}`
    },
    get path() {
      return `/var/tmp/avocado_${dice.hex(8)}/${dice.pick(['images', 'run', 'data'])}`
    },
    get guest() {
      return dice.pick(['avocado-vt-vm1', 'avocado-vt-vm2', `guest-${dice.whole(1, 40)}`])
    },
    get disk() {
      return dice.pick(['vda', 'vdb', 'sdc', `drive-virtio-disk${dice.whole(0, 5)}`])
    },
    get time() {
      return new Date(dice.between(1.7e12, 1.8e12)).toISOString()
    },
  }
}

// The test cases of the lab, and how each behaves while nothing is broken.

import { Random } from './random'

const SUITES = [
  ...['block', 'boot', 'cpu', 'disk', 'firmware', 'fs', 'gpu', 'guest', 'hotplug', 'hypervisor'],
  ...['installer', 'io', 'iommu', 'kdump', 'libvirt', 'memory', 'migration', 'net', 'numa', 'nvdimm'],
  ...['nvme', 'pci', 'perf', 'power', 'qemu', 'qmp', 'rdma', 'scsi', 'security', 'selinux'],
  ...['serial', 'snapshot', 'sriov', 'storage', 'time', 'tpm', 'trace', 'usb', 'vfio', 'virtio'],
]
const SUBJECTS = [
  ...['attach', 'balloon', 'cache', 'clone', 'commit', 'convert', 'detach', 'discard', 'flush', 'format'],
  ...['limit', 'mirror', 'mount', 'multiqueue', 'offload', 'passthrough', 'pause', 'ping', 'queue', 'read'],
  ...['reboot', 'rebase', 'reset', 'resize', 'restore', 'resume', 'save', 'shutdown', 'stream', 'write'],
]
const HOW = [
  'basic',
  'boundary',
  'concurrent',
  'invalid',
  'large',
  'nested',
  'repeat',
  'small',
  'stress',
  'twice',
]
const VARIANTS = [
  ...['run-disk-virtio_blk-image-qcow2', 'run-disk-virtio_scsi-image-raw', 'run-disk-nvme-image-qcow2'],
  ...['run-nic-virtio-q35', 'run-nic-e1000e-q35', 'run-nic-virtio-i440fx', 'run-mem-4096', 'run-mem-65536'],
]

const FLAKY = 0.04
const NEVER_PASSES = 0.003
const NEVER_RUNS = 0.02

export interface TestCase {
  suite: string
  /** Without what the tag has before it. */
  text: string
  /** How long it takes, in seconds. */
  seconds: number
  /** The share of its runs that fail while nothing is broken. */
  failing: number
  /** It is skipped everywhere. */
  skipped: boolean
}

/** @param count  how many. Neighbours are of one suite. */
export function makeCases(seed: number, count: number): TestCase[] {
  const perSuite = Math.ceil(count / SUITES.length)
  return Array.from({ length: count }, (_, index) => {
    const random = new Random(seed, 1, index)
    const suite = SUITES[Math.floor(index / perSuite)] as string
    const subject = SUBJECTS[index % SUBJECTS.length] as string
    const how = HOW[Math.floor(index / SUBJECTS.length) % HOW.length] as string
    const within = Math.floor((index % perSuite) / (SUBJECTS.length * HOW.length))
    const name = `${suite}/${subject}.py:${capital(suite)}${capital(subject)}.test_${how}${within || ''}_${index % 97}`
    const variant = random.chance(0.35) ? `;${random.pick(VARIANTS)}-${random.hex(4)}` : ''
    const failing = random.chance(NEVER_PASSES)
      ? 1
      : random.chance(FLAKY)
        ? random.logBetween(0.01, 0.3)
        : 0.004
    return {
      suite,
      text: name + variant,
      seconds: random.logBetween(0.05, 40),
      failing,
      skipped: random.chance(NEVER_RUNS),
    }
  })
}

function capital(word: string): string {
  return (word[0] ?? '').toUpperCase() + word.slice(1)
}

// The test environments of the lab: groups of hosts that are updated together. Packages of one distribution come from one
// place, so that environments share most of them.

import { Random } from './random'

const PACKAGES = 1000
/** Of the packages of a distribution a group has all but these. */
const LEFT_OUT = 60
const DISTROS = [
  { name: 'rhel', version: '9', release: '5', suffix: 'el9' },
  { name: 'rhel', version: '10', release: '0', suffix: 'el10' },
  { name: 'fedora', version: '42', release: '1', suffix: 'fc42' },
  { name: 'fedora', version: '43', release: '1', suffix: 'fc43' },
  { name: 'centos', version: '9', release: 'stream', suffix: 'el9s' },
  { name: 'centos', version: '10', release: 'stream', suffix: 'el10s' },
] as const
const FIRST = [
  'kernel',
  'qemu-kvm',
  'libvirt',
  'glibc',
  'systemd',
  'edk2-ovmf',
  'seabios',
  'gcc',
  'python3',
  'openssl',
]
const STEMS = [
  'lib',
  'perl-',
  'python3-',
  'gnome-',
  'texlive-',
  'rust-',
  'golang-',
  'java-',
  'ruby-',
  'fonts-',
]
/** A package changes this often while the lab runs, on average: the kernel and a few others more. */
const RELEASES = 4
const RELEASES_OF_FIRST = 25

export interface EnvironmentBody {
  distro: { name: string; version: string; release: string; arch: string }
  installed_software_components: {
    name: string
    version: string
    release: string
    checksum: string
    kind: string
    arch: string
  }[]
}

export class Environments {
  /** Hosts that are updated together. */
  readonly groups: number
  /** Updates of each group while the lab runs, the first state included. */
  readonly updates: number

  /** @param count  about how many environments. */
  constructor(
    private readonly seed: number,
    count: number,
  ) {
    this.groups = Math.max(2, Math.round(Math.sqrt(count / 5)))
    this.updates = Math.max(1, Math.round(count / this.groups))
  }

  get count(): number {
    return this.groups * this.updates
  }

  /** The distribution of a group, by its place among them. */
  distroOf(group: number): number {
    return group % DISTROS.length
  }

  /** The number of the environment of a group at a time. @param at  from 0, the beginning of the lab, to 1 */
  numberAt(group: number, at: number): number {
    const shift = new Random(this.seed, 2, group).next()
    const update = Math.max(0, Math.min(this.updates - 1, Math.floor(at * this.updates - shift + 1)))
    return group * this.updates + update
  }

  bodyOf(number: number): EnvironmentBody {
    const group = Math.floor(number / this.updates)
    const update = number % this.updates
    const distro = DISTROS[this.distroOf(group)] as (typeof DISTROS)[number]
    const at = update / this.updates
    const leftOut = new Random(this.seed, 3, group).below(PACKAGES)
    const components = []
    for (let index = 0; index < PACKAGES + LEFT_OUT; index++) {
      // Each group leaves out others, but none of the first.
      if (index >= FIRST.length && (index + leftOut) % (PACKAGES + LEFT_OUT) < LEFT_OUT) continue
      if (components.length < PACKAGES)
        components.push(this.packageOf(this.distroOf(group), distro.suffix, index, at))
    }
    const { name, version, release } = distro
    return { distro: { name, version, release, arch: 'x86_64' }, installed_software_components: components }
  }

  /** The newest release of a package at a time. */
  private packageOf(distro: number, suffix: string, index: number, at: number) {
    const random = new Random(this.seed, 4, distro, index)
    const often = index < FIRST.length ? RELEASES_OF_FIRST : RELEASES
    const release = Math.floor(at * often * random.between(0.2, 1.8) + random.next())
    const name = FIRST[index] ?? `${STEMS[index % STEMS.length]}${new Random(this.seed, 5, index).hex(6)}`
    const major = 1 + random.below(12)
    const minor = random.below(30) + (index === 0 ? release : 0)
    return {
      name,
      version: `${major}.${minor}.${random.below(10)}`,
      release: `${1 + random.below(40) + release}.${suffix}`,
      checksum: '',
      kind: 'rpm',
      arch: index % 5 === 4 ? 'noarch' : 'x86_64',
    }
  }
}

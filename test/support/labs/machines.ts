// The machines of a lab: what is published for them, when each installs it, and what each has at a time.

import type { Dice } from './dice'
import type { LabEnvironment } from './model'

const STEMS = [
  'qemu-kvm',
  'libvirt',
  'edk2',
  'seabios',
  'glibc',
  'systemd',
  'openssl',
  'gnutls',
  'lvm2',
  'dracut',
  'swtpm',
  'passt',
  'virtiofsd',
  'numactl',
  'nftables',
  'iproute',
  'pixman',
  'zstd',
  'dnsmasq',
  'selinux-policy',
]
const PARTS = [
  '',
  '-libs',
  '-devel',
  '-tools',
  '-core',
  '-common',
  '-client',
  '-doc',
  '-data',
  '-plugins',
  '-utils',
  '-selinux',
]
const SYSTEMS = [
  { name: 'fedora', version: '43', release: '0' },
  { name: 'centos', version: '10', release: '0' },
]
const ARCHES = ['x86_64', 'x86_64', 'aarch64', 'x86_64', 'ppc64le']
const RACKS = ['rack', 'blade', 'node']

/** What is installed: a number of updates since the first day, by the name of the package. */
export type Installed = ReadonlyMap<string, number>
/** The name under which the running kernel is among the installed packages. */
export const KERNEL = 'kernel'

/** What is published together on one day. */
export interface Compose {
  day: number
  /** The new numbers. */
  updates: Map<string, number>
}

export interface Machine {
  name: string
  arch: string
  distro: (typeof SYSTEMS)[number]
  /** The state of each day. */
  days: Installed[]
}

export function packageNames(count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const number = Math.floor(at / STEMS.length / PARTS.length)
    const part = PARTS[Math.floor(at / STEMS.length) % PARTS.length]
    return `${STEMS[at % STEMS.length]}${part}${number > 0 ? number + 1 : ''}`
  })
}

/** Every few days some packages at once, and in every other compose a kernel. */
export function makeComposes(dice: Dice, names: readonly string[], days: number): Compose[] {
  const newest = new Map<string, number>()
  const composes: Compose[] = []
  for (let at = dice.between(1, 4); at < days - 1; at += 1 + dice.wait(3)) {
    const members = dice.some(names, 1 + Math.round(dice.wait(8)))
    if (dice.chance(0.5)) members.push(KERNEL)
    const updates = new Map(members.map((name) => [name, (newest.get(name) ?? 0) + 1]))
    for (const [name, number] of updates) newest.set(name, number)
    composes.push({ day: Math.floor(at), updates })
  }
  return composes
}

/** How often a machine is updated, in days, and whether packages may be left out. */
const HABITS = [
  { every: 1, holdsBack: 0.02 },
  { every: 1, holdsBack: 0 },
  { every: 3, holdsBack: 0.1 },
  { every: 7, holdsBack: 0.02 },
  { every: 7, holdsBack: 0.2 },
  { every: 14, holdsBack: 0.05 },
]

export function makeMachines(
  dice: Dice,
  {
    count,
    days,
    names,
    composes,
  }: { count: number; days: number; names: readonly string[]; composes: readonly Compose[] },
): Machine[] {
  return Array.from({ length: count }, (_, at) => {
    const own = dice.for(`machine ${at}`)
    const habit = HABITS[at % HABITS.length] as (typeof HABITS)[number]
    return {
      name: `${own.pick(RACKS)}${at + 1}`,
      arch: ARCHES[at % ARCHES.length] as string,
      distro: SYSTEMS[Math.floor(at / 3) % SYSTEMS.length] as (typeof SYSTEMS)[number],
      days: liveThrough(own, { days, names, composes, ...habit }),
    }
  })
}

interface Life {
  days: number
  names: readonly string[]
  composes: readonly Compose[]
  every: number
  holdsBack: number
}

/** A new kernel runs from the next start of the machine on, and once in a while the machine is installed anew from an old image. */
function liveThrough(dice: Dice, { days, names, composes, every, holdsBack }: Life): Installed[] {
  const missing = new Set(names.filter(() => dice.chance(0.05)))
  const phase = dice.whole(0, every - 1)
  const states: Installed[] = []
  let state: Installed = new Map(
    [KERNEL, ...names].filter((name) => !missing.has(name)).map((name) => [name, 0]),
  )
  let known = 0
  let waiting: { kernel: number; day: number } | undefined
  for (let day = 0; day < days; day++) {
    if (day > 10 && dice.chance(0.01)) {
      const image = day - dice.whole(5, 10)
      state = states[image] as Installed
      known = image
    }
    if ((day + phase) % every === 0) {
      const next = new Map(state)
      for (const { updates } of composes.filter((compose) => compose.day > known && compose.day <= day)) {
        for (const [name, number] of updates) {
          if (name === KERNEL) waiting = { kernel: number, day: day + dice.whole(0, 2) }
          else if (next.has(name) && !dice.chance(holdsBack)) next.set(name, number)
        }
      }
      known = day
      state = next
    }
    if (waiting && waiting.day <= day) {
      state = new Map(state).set(KERNEL, waiting.kernel)
      waiting = undefined
    }
    states.push(state)
  }
  return states
}

/** Names have different first versions, so that a version alone says nothing about its age. */
export function versionOf(name: string, number: number): string {
  const first = Bun.hash.xxHash32(name)
  return name === KERNEL
    ? `6.${12 + Math.floor(number / 8)}.${number % 8}`
    : `${(first % 9) + 1}.${first % 17}.${number}`
}

export function toEnvironment({ distro, arch }: Machine, installed: Installed): LabEnvironment {
  const red = distro.name === 'fedora' ? 'fc43' : 'el10'
  return {
    distro: { ...distro, arch },
    installed_software_components: [...installed].map(([name, number]) => ({
      name: name === KERNEL ? 'Linux' : name,
      version: versionOf(name, number),
      release: `1.${red}`,
      checksum: '',
      kind: name === KERNEL ? 'kernel' : 'rpm',
      arch,
    })),
  }
}

// Makes a lab: machines that are updated at their own pace, tests that run on them day by day, and one thing that is wrong.

import { type Causes, type LabCase, makeCauses } from './causes'
import { Dice } from './dice'
import { type Machine, makeComposes, makeMachines, packageNames, toEnvironment } from './machines'
import type { Lab, LabJob, LabOptions, LabTest, LabTruth } from './model'
import { sayReason } from './reasons'

const DAY_MS = 86_400_000

const NAMES = [
  'boot',
  'reboot',
  'migrate',
  'disk_hotplug',
  'cpu_hotplug',
  'nic_hotplug',
  'snapshot',
  'block_stream',
  'save_restore',
  'numa',
  'balloon',
  'vhost_user',
  'guest_agent',
  'qmp_basic',
  'clock',
  'ksm',
  'nested',
  'vfio',
  'usb',
  'console',
  'pmu',
  'kdump',
  'stress',
  'fio',
  'iperf',
  'tpm',
  'iommu',
  'affinity',
]
const PARAMETERS = [
  ['virtio_blk', 'virtio_scsi', 'ide', 'nvme'],
  ['virtio_net', 'e1000e', 'rtl8139'],
  ['q35', 'i440fx', 'microvm'],
  ['hugepage', 'smallpage'],
  ['ovmf', 'seabios'],
]

/** The lab of these options: the same options make the same lab. */
export function makeLab(options: LabOptions): Lab {
  const {
    seed,
    culprit,
    end,
    jobs = 240,
    days = 60,
    hosts = 8,
    packages = 150,
    tests = 12,
    nights = 3,
    late = 0.1,
    hard = false,
  } = options
  const dice = new Dice(`${seed} ${culprit} ${hard}`)
  const names = packageNames(packages)
  const composes = makeComposes(dice.for('composes'), names, days)
  const machines = makeMachines(dice.for('machines'), { count: hosts, days, names, composes })
  const cases = makeCases(dice.for('cases'), tests)
  const causes = makeCauses(dice.for('causes'), { culprit, days, nights, hard, machines, composes, cases })
  const lab = new LabInTheMaking(dice.for('runs'), { machines, cases, causes, start: end - days * DAY_MS })
  const times = Array.from({ length: jobs }, () => dice.share() * days).sort((a, b) => a - b)
  for (const time of times) lab.addJob(time)
  return lab.finish(dice.for('arrival'), late)
}

function makeCases(dice: Dice, count: number): LabCase[] {
  return Array.from({ length: count }, (_, at) => {
    const name = `${at % 2 === 0 ? 'io-github-autotest-qemu' : 'virtual_machine'}.${NAMES[at % NAMES.length]}${at < NAMES.length ? '' : at}`
    const [one = [], two = []] = dice.some(PARAMETERS, 2)
    const combinations = one.flatMap((first) => two.map((second) => [first, second]))
    const seconds = dice.scale(2, 90)
    return dice.some(combinations, 4).map((parameters) => {
      const variant = `${parameters.join('-')}-${Bun.hash
        .xxHash32(name + parameters.join())
        .toString(16)
        .slice(0, 4)}`
      return { testcase: `${name};${variant}`, name, parameters, seconds }
    })
  }).flat()
}

interface Parts {
  machines: readonly Machine[]
  cases: readonly LabCase[]
  causes: Causes
  /** In milliseconds. */
  start: number
}

class LabInTheMaking {
  private readonly jobs: LabJob[] = []
  private readonly environments: Lab['environments'] = []
  private readonly known = new Map<string, number>()
  private readonly truth: LabTruth

  constructor(
    private readonly dice: Dice,
    private readonly parts: Parts,
  ) {
    const { flaky, nights, truth } = parts.causes
    this.truth = {
      ...truth,
      firstBadByHost: {},
      flaky: [...flaky].map(([testcase, { rate }]) => ({ testcase, rate })),
      nights: nights.map(({ day, hosts }) => ({ day, hosts })),
      causes: new Map(),
    }
  }

  /** A job of a random machine; later ones must be added later. @param at  days since the start */
  addJob(at: number): void {
    const machine = this.dice.pick(this.parts.machines)
    const day = Math.floor(at)
    const plan = this.dice.chance(0.25) ? 'smoke' : 'nightly'
    const branch = this.dice.chance(0.2) ? 'stable' : 'main'
    const id = this.dice.hex(40)
    const time = this.parts.start + at * DAY_MS
    const tests: LabTest[] = []
    let clock = time
    for (const one of this.parts.cases) {
      if (plan === 'smoke' && this.dice.chance(0.6)) continue
      const tag = `${String(tests.length + 1).padStart(2, '0')}-${one.testcase}`
      const test = this.runTest({ id, tag }, { machine, day, one })
      tests.push({ tag, ...test, started: new Date(clock).toISOString() })
      clock += test.elapsed_time * 1000
    }
    this.jobs.push({
      id,
      description: `${plan} on ${machine.name}, ${branch}`,
      time: new Date(time).toISOString(),
      elapsed_time: (clock - time) / 1000,
      status: statusOf(tests),
      labels: { host: machine.name, branch, plan },
      environment: this.environmentOf(machine, day),
      tests,
    })
  }

  private runTest(
    run: { id: string; tag: string },
    { machine, day, one }: { machine: Machine; day: number; one: LabCase },
  ): Omit<LabTest, 'tag' | 'started'> {
    const { causes } = this.parts
    const elapsed_time = Math.round(one.seconds * this.dice.between(0.9, 1.1) * 1000) / 1000
    const isBad = causes.isBad(machine, day, one)
    if (isBad) {
      this.truth.firstBad ??= run.id
      this.truth.firstBadByHost[machine.name] ??= run.id
    }
    const cause = this.causeOf({ machine, day, one, isBad })
    if (cause === undefined) {
      const other = this.dice.chance(0.02) ? this.dice.pick(['WARN', 'SKIP', 'CANCEL']) : 'PASS'
      return { status: other, elapsed_time }
    }
    if (isBad && cause === this.truth.cause) this.truth.firstFailed ??= run.id
    const ofJob = this.truth.causes.get(run.id) ?? new Map()
    this.truth.causes.set(run.id, ofJob.set(run.tag, cause))
    return {
      status: this.dice.chance(0.75) ? 'FAIL' : 'ERROR',
      elapsed_time,
      fail_reason: sayReason(this.dice, cause, machine.name),
    }
  }

  /** undefined: it does not fail. */
  private causeOf({
    machine,
    day,
    one,
    isBad,
  }: {
    machine: Machine
    day: number
    one: LabCase
    isBad: boolean
  }) {
    const { nights, flaky, truth } = this.parts.causes
    const night = nights.find((night) => night.day === day && night.hosts.includes(machine.name))
    if (night && this.dice.chance(night.share)) return night.cause
    if (isBad && this.dice.chance(truth.failRate)) return truth.cause
    const flake = flaky.get(one.testcase)
    return flake && this.dice.chance(flake.rate) ? flake.cause : undefined
  }

  private environmentOf(machine: Machine, day: number): number {
    const installed = machine.days[day] ?? new Map()
    const key = `${machine.arch} ${machine.distro.name} ${JSON.stringify([...installed])}`
    const known = this.known.get(key)
    if (known !== undefined) return known
    const index = this.environments.push(toEnvironment(machine, installed)) - 1
    this.known.set(key, index)
    return index
  }

  /** @param late  the share of jobs that arrive up to three days after they ran. */
  finish(dice: Dice, late: number): Lab {
    const arrivals = this.jobs.map((job) => ({
      job,
      at: Date.parse(job.time) + (dice.chance(late) ? dice.between(0.2, 3) * DAY_MS : 0),
    }))
    arrivals.sort((a, b) => a.at - b.at)
    return { environments: this.environments, jobs: arrivals.map(({ job }) => job), truth: this.truth }
  }
}

function statusOf(tests: readonly LabTest[]): string {
  const has = (status: string) => tests.some((test) => test.status === status)
  return ['ERROR', 'FAIL', 'WARN'].find(has) ?? 'PASS'
}

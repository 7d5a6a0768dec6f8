// What is wrong in a lab: the culprit, which tests are flaky, and in which nights the network or the storage failed.

import type { Dice } from './dice'
import { type Compose, type Installed, KERNEL, type Machine, versionOf } from './machines'
import type { Culprit, LabTruth } from './model'
import { NIGHT_CAUSES, TEST_CAUSES } from './reasons'

/** A test case of the lab. */
export interface LabCase {
  /** As in a tag, without the number. */
  testcase: string
  name: string
  parameters: string[]
  seconds: number
}

export interface Flaky {
  rate: number
  cause: number
}

export interface Night {
  day: number
  hosts: string[]
  cause: number
  /** Of the tests that fail. */
  share: number
}

export interface Causes {
  truth: Pick<LabTruth, 'culprit' | 'affected' | 'failRate' | 'component' | 'host' | 'parameter' | 'cause'>
  /** Whether the culprit is there when this test case runs. */
  isBad(machine: Machine, day: number, one: LabCase): boolean
  flaky: ReadonlyMap<string, Flaky>
  nights: Night[]
}

interface Scene {
  culprit: Culprit
  days: number
  nights: number
  hard: boolean
  machines: readonly Machine[]
  composes: readonly Compose[]
  cases: readonly LabCase[]
}

export function makeCauses(dice: Dice, scene: Scene): Causes {
  const sentences = dice.some(TEST_CAUSES, TEST_CAUSES.length)
  const takeCause = () =>
    sentences.splice(Math.floor(dice.share() * sentences.length), 1)[0] ?? dice.pick(TEST_CAUSES)
  const culprit = makeCulprit(dice.for('culprit'), scene, takeCause())
  return {
    ...culprit,
    flaky: makeFlaky(dice.for('flaky'), scene, takeCause),
    nights: makeNights(dice.for('nights'), scene),
  }
}

/** The culprit appears in the second quarter of the lab or in the third: with a history before, and failures after. */
function makeCulprit(dice: Dice, scene: Scene, cause: number): Pick<Causes, 'truth' | 'isBad'> {
  const { culprit, days, machines, cases } = scene
  const names = [...new Set(cases.map(({ name }) => name))]
  const broken = new Set(
    dice.some(names, culprit === 'host' ? Math.ceil(names.length * dice.between(0.3, 1)) : dice.whole(1, 4)),
  )
  const candidates = cases.filter(({ name }) => broken.has(name))
  const truth = { culprit, failRate: failRateOf(dice, scene.hard), cause }
  const day = dice.whole(Math.ceil(days * 0.3), Math.floor(days * 0.6))
  const listed = (affected: readonly LabCase[]) => affected.map(({ testcase }) => testcase)
  switch (culprit) {
    case 'none':
      return { truth: { culprit, failRate: 0, affected: [] }, isBad: () => false }
    case 'host': {
      const host = dice.pick(machines).name
      return {
        truth: { ...truth, affected: listed(candidates), host },
        isBad: (machine, today, one) => machine.name === host && today >= day && broken.has(one.name),
      }
    }
    case 'variant': {
      const parameter = dice.pick(candidates.flatMap(({ parameters }) => parameters))
      const affected = candidates.filter(({ parameters }) => parameters.includes(parameter))
      return {
        truth: { ...truth, affected: listed(affected), parameter },
        isBad: (_, today, one) => today >= day && broken.has(one.name) && one.parameters.includes(parameter),
      }
    }
    default: {
      const { component, isIn } = makeComponent(dice, scene)
      const parameter = dice.pick(candidates.flatMap(({ parameters }) => parameters))
      const affected =
        culprit === 'interaction'
          ? candidates.filter(({ parameters }) => parameters.includes(parameter))
          : candidates
      const bad = new Set(listed(affected))
      return {
        truth: {
          ...truth,
          affected: [...bad],
          component,
          ...(culprit === 'interaction' ? { parameter } : {}),
        },
        isBad: (machine, today, one) => bad.has(one.testcase) && isIn(machine.days[today]),
      }
    }
  }
}

/** A broken test fails always, in most labs. */
function failRateOf(dice: Dice, hard: boolean): number {
  if (hard) return dice.between(0.2, 0.6)
  return dice.chance(0.6) ? 1 : dice.between(0.5, 0.95)
}

/** A version of a package, or of the kernel, and all later ones until it is mended, if it is. */
function makeComponent(dice: Dice, { culprit, days, machines, composes }: Scene) {
  const isKernel = culprit === 'kernel'
  const releases = composes
    .flatMap(({ day, updates }) => [...updates].map(([name, number]) => ({ day, name, number })))
    .filter(({ name }) => (name === KERNEL) === isKernel)
    // Somebody has to have it.
    .filter(({ name, number }) =>
      machines.some((machine) => (machine.days.at(-2)?.get(name) ?? -1) >= number),
    )
  const middle = releases.filter((release) => release.day >= days * 0.25 && release.day <= days * 0.65)
  const { day, name, number } = dice.pick(middle.length > 0 ? middle : releases)
  const fixes = composes
    .filter((compose) => compose.day > day + 8 && compose.day < days * 0.85)
    .flatMap(({ updates }) => updates.get(name) ?? [])
  const fixedIn = fixes.length > 0 && dice.chance(0.3) ? dice.pick(fixes) : undefined
  const isIn = (installed: Installed | undefined) => {
    const now = installed?.get(name) ?? -1
    return now >= number && (fixedIn === undefined || now < fixedIn)
  }
  const component = {
    kind: isKernel ? 'kernel' : 'rpm',
    name: isKernel ? 'Linux' : name,
    version: versionOf(name, number),
    ...(fixedIn === undefined ? {} : { fixedIn: versionOf(name, fixedIn) }),
  }
  return { component, isIn }
}

/** Some tests are flaky in all variants, some in one. */
function makeFlaky(dice: Dice, { cases, hard }: Scene, takeCause: () => number): Map<string, Flaky> {
  const flaky = new Map<string, Flaky>()
  const share = hard ? 0.4 : 0.2
  const make = (): Flaky => ({ rate: dice.scale(0.02, hard ? 0.4 : 0.25), cause: takeCause() })
  for (const variants of Map.groupBy(cases, ({ name }) => name).values()) {
    const whole = dice.chance(share) ? make() : undefined
    for (const { testcase } of variants) {
      const own = whole ?? (dice.chance(share / 6) ? make() : undefined)
      if (own) flaky.set(testcase, own)
    }
  }
  return flaky
}

function makeNights(dice: Dice, { days, nights, machines }: Scene): Night[] {
  const names = machines.map(({ name }) => name)
  return Array.from({ length: nights }, () => ({
    day: dice.whole(2, days - 2),
    hosts: dice.chance(0.5) ? names : dice.some(names, Math.ceil(names.length / 3)),
    cause: dice.pick(NIGHT_CAUSES),
    share: dice.between(0.5, 1),
  }))
}

// How many of the bad nights of labs are called infrastructure, and what else is: by the API, or by the arithmetic alone.

import { Folder } from '../../test/support/binary'
import { Client } from '../../test/support/client'
import { loadLab } from '../../test/support/labs/load'
import type { Lab, LabJob } from '../../test/support/labs/model'
import { NIGHT_CAUSES } from '../../test/support/labs/reasons'
import { settled } from './ask'
import { FAILED, inOrder, PASSED, testcaseOf } from './naive'
import { type MemoryLab, verdictsOf } from './verdicts'

/** As in the definitions: fewer failures are no mass failure. */
const LEAST_TESTS = 5
/** Jobs that are over are looked for every few seconds. */
const ENDINGS_MS = 6000

export interface Counts {
  labs: number
  nights: number
  found: number
  wrong: number
}

export const newCounts = (): Counts => ({ labs: 0, nights: 0, found: 0, wrong: 0 })

/** The jobs in which at least 5 tests failed by a bad night. @param isLabgen  it is a lab of labgen.py */
function badJobs({ truth }: Lab, isLabgen: boolean): Set<string> {
  const isOfNight = (cause: number) =>
    isLabgen ? cause >= 1000 && cause < 2000 : NIGHT_CAUSES.includes(cause)
  return new Set(
    [...truth.causes].flatMap(([job, causes]) =>
      [...causes.values()].filter(isOfNight).length >= LEAST_TESTS ? job : [],
    ),
  )
}

/** Adds a lab to the counts. */
export async function countNights(
  counts: Counts,
  lab: Lab,
  { isLabgen, byApi }: { isLabgen: boolean; byApi: boolean },
): Promise<void> {
  const bad = badJobs(lab, isLabgen)
  const told = byApi ? await toldByServer(lab) : await toldByArithmetic(lab)
  counts.labs++
  counts.nights += bad.size
  for (const job of told) {
    if (bad.has(job)) counts.found++
    else counts.wrong++
  }
}

export function printNights({ labs, nights, found, wrong }: Counts): void {
  const share = (part: number, of: number) => (of === 0 ? 1 : Number((part / of).toFixed(3)))
  console.table([
    { labs, nights, found, wrong, precision: share(found, found + wrong), recall: share(found, nights) },
  ])
}

async function toldByServer(lab: Lab): Promise<string[]> {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  await loadLab(client, lab)
  let told = await verdictsNow(client, lab)
  for (let before: string[] | undefined; before?.join() !== told.join(); ) {
    await Bun.sleep(ENDINGS_MS)
    await settled(client)
    before = told
    told = await verdictsNow(client, lab)
  }
  return told
}

async function verdictsNow(client: Client, lab: Lab): Promise<string[]> {
  const told: string[] = []
  for (const { id, tests } of lab.jobs) {
    if (tests.filter(({ status }) => FAILED.has(status)).length < LEAST_TESTS) continue
    if ((await client.get(`/jobs/${id}/verdict/`)).body.verdict === 'infrastructure') told.push(id)
  }
  return told
}

async function toldByArithmetic(lab: Lab): Promise<string[]> {
  const verdicts = await verdictsOf(toMemory(lab))
  return [...verdicts].flatMap(([id, { verdict }]) => (verdict === 'infrastructure' ? id : []))
}

function toMemory({ jobs, environments }: Lab): MemoryLab {
  return {
    jobs: inOrder(jobs).map((job) => toMemoryJob(job, environments)),
    environments: new Map(
      environments.map(({ distro, installed_software_components: components }, at) => [
        at,
        new Map([
          ['distro', `${distro.name} ${distro.version} ${distro.arch}`],
          ...components.map(
            ({ kind, name, version, release }) => [`${kind} ${name}`, `${version}-${release}`] as const,
          ),
        ]),
      ]),
    ),
  }
}

function toMemoryJob({ id, time, labels, environment, tests }: LabJob, environments: Lab['environments']) {
  const distro = environment === undefined ? undefined : environments[environment]?.distro
  return {
    ...{ id, host: labels.host ?? null, branch: labels.branch ?? null, time: Date.parse(time) * 1000 },
    distro: distro ? `${distro.name} ${distro.version} ${distro.arch}` : null,
    tests: tests.flatMap(({ tag, status }) => {
      if (!FAILED.has(status) && !PASSED.has(status)) return []
      const testcase = testcaseOf(tag)
      const at = testcase.lastIndexOf(';')
      const [name, variant] = [testcase.slice(0, at), testcase.slice(at + 1)]
      return [
        {
          name,
          variant,
          failed: FAILED.has(status),
          isError: status === 'ERROR',
          environment: environment ?? null,
        },
      ]
    }),
  }
}

// Measures how often the server names the job in which a test began to fail, how well it tells flaky tests from broken
// ones, and whether it puts the failures of one cause together, on made-up labs of which all that is known.
//
//   bun run accuracy                      20 labs for each culprit
//   bun run accuracy --labs 5 --seed 100  so many, with other seeds
//   bun run accuracy --hard               the culprit breaks a test in a part of its runs, and more tests are flaky
//   bun run accuracy --from FOLDER        labs of labgen.py: the folder, or each folder in it
//   bun run accuracy --of nights          which jobs it calls infrastructure; with --arithmetic without a server
//
// A lab is sent to a server of its own by its API; nothing else is known of it but the answers. Beside them stand the
// change point alone, which the server has to reach, and ways that look at nothing but failed and passed.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Folder } from '../test/support/binary'
import { Client } from '../test/support/client'
import { movedTo, readLab } from '../test/support/labs/labgen'
import { loadLab } from '../test/support/labs/load'
import { makeLab } from '../test/support/labs/make'
import { type Culprit, culprits, type Lab } from '../test/support/labs/model'
import { firstBad, lastFailure, settled } from './accuracy/ask'
import { changePoint } from './accuracy/change-point'
import { inOrder, ways } from './accuracy/naive'
import { countNights, newCounts, printNights } from './accuracy/nights'
import { NoiseScores } from './accuracy/noise'

const { values } = parseArgs({
  options: {
    labs: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    hard: { type: 'boolean', default: false },
    from: { type: 'string' },
    of: { type: 'string', default: 'beginnings' },
    arithmetic: { type: 'boolean', default: false },
    culprits: { type: 'string', default: culprits.join() },
  },
})

const SERVER = 'this server'
const CHANGE_POINT = 'change point alone'
const methods = [SERVER, CHANGE_POINT, ...Object.keys(ways)]

/** How many labs of a culprit there were, and in how many of them each way was right. */
interface Row {
  labs: number
  untold: number
  right: Map<string, number>
}

function* labsToMeasure(): Generator<[name: string, lab: Lab]> {
  const end = Date.now()
  if (values.from !== undefined) {
    for (const folder of foldersOf(values.from)) yield [folder, movedTo(readLab(folder), end)]
    return
  }
  const first = Number(values.seed)
  for (const culprit of values.culprits.split(',') as Culprit[]) {
    for (let seed = first; seed < first + Number(values.labs); seed++) {
      yield [`${culprit} ${seed}`, makeLab({ seed, culprit, end, hard: values.hard })]
    }
  }
}

function foldersOf(folder: string): string[] {
  if (existsSync(join(folder, 'truth.json'))) return [folder]
  const inside = readdirSync(folder).sort()
  return inside.map((name) => join(folder, name)).filter((path) => existsSync(join(path, 'truth.json')))
}

/** The job that each way names. @returns undefined where nothing began in this lab, or it never made a test fail */
async function measure(lab: Lab): Promise<Map<string, string | undefined> | undefined> {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  await loadLab(client, lab)
  await settled(client)
  await noise.add(client, lab)
  const asked = lastFailure(lab)
  if (lab.truth.firstBad === undefined || !asked) return undefined
  const jobs = inOrder(lab.jobs)
  return new Map([
    [SERVER, await firstBad(client, asked)],
    [CHANGE_POINT, changePoint(lab, asked)],
    ...Object.entries(ways).map(([name, way]) => [name, way(jobs, asked)] as const),
  ])
}

function print(rows: ReadonlyMap<string, Row>): void {
  const table = [...rows].map(([culprit, { labs, untold, right }]) => ({
    culprit,
    labs,
    ...Object.fromEntries(methods.map((name) => [name, right.get(name) ?? 0])),
    'not told': untold,
  }))
  const sum = (name: string) => table.reduce((total, row) => total + Number(row[name as keyof typeof row]), 0)
  const names = ['labs', ...methods, 'not told']
  console.table([...table, { culprit: 'all', ...Object.fromEntries(names.map((name) => [name, sum(name)])) }])
}

function verdictOf(named: Map<string, string | undefined>, truth: string | undefined): string {
  if (named.get(SERVER) === truth) return 'right'
  return named.get(CHANGE_POINT) === truth ? 'wrong, where the change point alone is right' : 'wrong'
}

async function measureNights(): Promise<void> {
  const counts = newCounts()
  for (const [name, lab] of labsToMeasure()) {
    await countNights(counts, lab, { isLabgen: values.from !== undefined, byApi: !values.arithmetic })
    console.error(`${name}: ${counts.found} of ${counts.nights} nights so far, ${counts.wrong} wrong`)
  }
  printNights(counts)
}

if (values.of === 'nights') {
  await measureNights()
  process.exit()
}
const rows = new Map<string, Row>()
const noise = new NoiseScores()
for (const [name, lab] of labsToMeasure()) {
  const { culprit, firstBad: truth } = lab.truth
  const named = await measure(lab)
  if (!named) continue
  const row = rows.get(culprit) ?? { labs: 0, untold: 0, right: new Map<string, number>() }
  rows.set(culprit, row)
  row.labs++
  if (named.get(SERVER) === undefined) row.untold++
  for (const [method, job] of named) {
    if (job === truth) row.right.set(method, (row.right.get(method) ?? 0) + 1)
  }
  console.error(`${name}: ${verdictOf(named, truth)}`)
}
console.log('The first bad job was named exactly in so many labs:')
print(rows)
noise.print()

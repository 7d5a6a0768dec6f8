// The queries and writes of the background that find templates whose words are values: see holes.ts. One reason more may
// make a value of a word, or undo it, but only in templates with as many words: those are looked at anew.

import type { Microseconds } from '../../lib/time'
import { toRanAt } from '../../results/core/ran-at'
import { defineQuery, defineWrite } from '../../storage/database'
import { lastChange } from '../../storage/last-change'
import { type Connection, query, tables } from '../../storage/query'
import { endTask, findTask, listTasks, putTask } from '../../storage/tasks'
import { templateId } from '../regressions/stored'
import { defaultWindow } from '../runs/window'
import { FEWEST_WORDS_OF_TEXT, MOST_WORDS_OF_TEXT } from './holes'
import { KnownTemplates, type Parents } from './remake'

/** The tasks that are there while templates have to be looked at: one for each number of words. */
const CLUSTERING = 'find values in templates '
/** Test cases that one write marks. */
const MAX_MARKS = 1000
/** Numbers of words that one pass looks at. */
const MAX_LENGTHS = 20
/** How long one query works, in milliseconds. */
const MAX_STEP_MS = 5

const taskOf = (words: number) => `${CLUSTERING}${words}`

/** Says that there are new fail reasons with these templates. For a write. */
export async function markClusters(connection: Connection, templates: Iterable<string>): Promise<void> {
  const lengths = new Set([...templates].map((text) => text.split(' ').length))
  for (const words of lengths) {
    if (words < FEWEST_WORDS_OF_TEXT || words > MOST_WORDS_OF_TEXT) continue
    // The number of the commit that this write will be in.
    await putTask(connection, taskOf(words), { change: (await lastChange(connection)) + 1 })
  }
}

/** Marks all templates. */
export const markAllClusters = defineWrite(
  'markAllClusters',
  async (connection, _: Record<never, never>): Promise<void> => {
    const change = (await lastChange(connection)) + 1
    for (let words = FEWEST_WORDS_OF_TEXT; words <= MOST_WORDS_OF_TEXT; words++)
      await putTask(connection, taskOf(words), { change })
  },
)

/** Whether templates have to be looked at. */
export async function clustersWait(connection: Connection): Promise<boolean> {
  return (await listTasks(connection, CLUSTERING, 1)).length > 0
}

export const clustersWaitQuery = defineQuery('clustersWait', clustersWait)

const testcasesOf = query<{ template: number; from: number }>()((param) =>
  tables
    .selectFrom('fail_reason')
    .innerJoin('test', 'test.fail_reason', 'fail_reason.id')
    .select('test.testcase')
    .where('fail_reason.template', '=', param('template'))
    .where('test.ran_at', '>=', param('from')),
)

/** What a query has found, for the write that stores it. Plain values. */
export interface Clusters {
  parents: Parents
  /** Test cases that failed with them. */
  testcases: number[]
  /** The numbers of words that were looked at to the end, and the number of the last commit that was seen before. */
  done: { lengths: number[]; change: number } | null
}

const nothing: Clusters = { parents: [], testcases: [], done: null }

/** One pass over the templates with these numbers of words. Most find nothing, so one write ends the tasks of all. */
async function* passOver(
  connection: Connection,
  known: KnownTemplates,
  lengths: number[],
  now: Microseconds,
): AsyncGenerator<Clusters | undefined, Clusters> {
  const change = await lastChange(connection)
  for await (const pause of known.read(connection)) yield pause
  for (const words of lengths) {
    const moved: number[] = []
    for await (const parents of known.changes(connection, words)) {
      for (const [template] of parents ?? []) moved.push(template)
      yield parents && { ...nothing, parents }
    }
    // All parents come first: a test case that is marked must be analysed with them.
    yield* testcasesToMark(connection, moved, now)
  }
  return { ...nothing, done: { lengths, change } }
}

async function* testcasesToMark(
  connection: Connection,
  templates: readonly number[],
  now: Microseconds,
): AsyncGenerator<Clusters | undefined> {
  const from = toRanAt(defaultWindow(now).from)
  let testcases = new Set<number>()
  for (const template of templates) {
    for (const { testcase } of await connection.all(testcasesOf, { template, from })) testcases.add(testcase)
    if (testcases.size < MAX_MARKS) yield undefined
    else {
      yield { ...nothing, testcases: [...testcases] }
      testcases = new Set()
    }
  }
  if (testcases.size > 0) yield { ...nothing, testcases: [...testcases] }
}

/** What the thread of a connection knows, and the pass that it is in. */
interface Working {
  known: KnownTemplates
  pass: AsyncGenerator<Clusters | undefined, Clusters> | undefined
}

const working = new WeakMap<Connection, Working>()

/**
 * Goes on with the search for a few milliseconds. A pass that fails begins anew, and so does one whose thread has ended.
 *
 * @returns what is to be stored; undefined: nothing yet.
 */
export const findClusters = defineQuery(
  'findClusters',
  async (connection, { now }: { now: Microseconds }): Promise<Clusters | undefined> => {
    const state = working.get(connection) ?? { known: new KnownTemplates(), pass: undefined }
    working.delete(connection) // until this has gone well
    const end = performance.now() + MAX_STEP_MS
    if (!state.pass) {
      const lengths = (await listTasks(connection, CLUSTERING, MAX_LENGTHS)).map(({ of }) => Number(of))
      if (lengths.length > 0) state.pass = passOver(connection, state.known, lengths, now)
    }
    let found: Clusters | undefined
    while (state.pass && !found && performance.now() < end) {
      const step = await state.pass.next()
      found = step.value
      if (step.done) state.pass = undefined
    }
    working.set(connection, state)
    return found
  },
)

const setParent = query<{ id: number; parent: number | null }>()((param) =>
  tables
    .updateTable('template')
    .set({ parent: param('parent') })
    .where('id', '=', param('id')),
)
// Its regressions are those of the cluster from now on, with the ids that they have.
const moveRegressions = query<{ id: number; parent: number }>()((param) =>
  tables
    .updateTable('regression')
    .set({ template: param('parent') })
    .where('template', '=', param('id')),
)

/** Stores a part of what was found. */
export const storeClusters = defineWrite(
  'storeClusters',
  async (connection, { parents, testcases, done }: Clusters): Promise<void> => {
    for (const [id, text] of parents) {
      const parent = text === null ? null : await templateId(connection, text)
      await connection.run(setParent, { id, parent })
      if (parent !== null) await connection.run(moveRegressions, { id, parent })
    }
    for (const testcase of testcases) connection.markStale(testcase)
    connection.markChanged('analysis', 'any')
    if (!done) return
    for (const words of done.lengths) {
      const task = await findTask<{ change: number }>(connection, taskOf(words))
      if (task && task.change <= done.change) await endTask(connection, taskOf(words))
    }
  },
)

// What each write of the server announces in the change feed.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { deleteOldEntries } from '../../src/audit/queries'
import { repairDerivedData } from '../../src/results/jobs/derived-data'
import * as operations from '../../src/server/named-operations'
import {
  type Change,
  ChangeSet,
  changedIds,
  changeKinds,
  MAX_IDS,
  packChanges,
  unpackChanges,
} from '../../src/storage/change-feed'
import { collectWrites, type Write } from '../../src/storage/named-operations'
import { Connection } from '../../src/storage/query'
import { openConnection } from '../../src/storage/sqlite/connection'
import { NOW, type TestServer, withServer } from '../support/server'
import { signIn } from '../support/session'
import { tour } from './tour'

/** The writes by the kinds that they announce when the server has done everything that it can do. */
const announced: Record<string, string[]> = {
  job: [
    ...['addJob', 'revealJob', 'changeJob', 'expireStaleJobs', 'retimeNextTests', 'repairDerivedData'],
    ...['addTest', 'changeTest', 'addTaggedActivity'],
    ...['addJobActivity', 'changeJobActivity', 'addTestActivity', 'changeTestActivity'],
    ...['addJobDatum', 'changeJobDatum', 'addTestDatum', 'changeTestDatum'],
    ...['addReport', 'mergePart', 'finishJob', 'completeJob', 'nameFiles', 'updateGroup'],
    ...['maskTexts', 'moveFileNames', 'moveNextJobs', 'storeDuplicates'],
  ],
  'audit job': [
    ...['deleteTest', 'hideTest', 'setVerdict', 'takeBackVerdict'],
    ...['deleteJobActivity', 'deleteTestActivity', 'deleteJobDatum', 'deleteTestDatum'],
  ],
  'audit deleted-job job': ['hideJob'],
  'analysis job': ['storeVerdicts'],
  user: ['markLooked'],
  'audit user': ['addUser'],
  'audit session user': ['setPassword', 'changeUser'],
  'audit token': ['addToken', 'deleteToken'],
  token: ['recordTokenUse'],
  'audit session': ['addSession', 'deleteSession'],
  audit: ['addFailedLogins', 'deleteOldEntries', 'beginRename'],
  'component-kind': ['add kind', 'change kind'],
  'audit component-kind': ['delete kind'],
  arch: ['add arch', 'change arch'],
  'arch audit': ['delete arch'],
  component: ['add component', 'change component', 'findOrAddComponents'],
  'arch component component-kind': ['addComponents'],
  'audit component': ['delete component'],
  distro: ['add distro', 'change distro', 'addHiddenEnvironment'],
  'audit distro': ['delete distro'],
  analysis: [
    ...['storeAnalysis', 'storeBeginnings', 'storeClusters', 'endJobs'],
    ...['storeMatches', 'markRule', 'storeIncidents', 'storeSum', 'sweepKnownIssues'],
  ],
  'audit comment known-issue': ['addComment', 'changeComment', 'eraseComment'],
  'audit claim': ['claim', 'releaseClaim'],
  'audit known-issue': ['addKnownIssue', 'changeKnownIssue', 'deleteKnownIssue', 'importKnownIssues'],
  environment: ['revealEnvironment'],
  'distro environment': ['changeEnvironment'],
  'arch component component-kind distro environment': ['addEnvironment'],
  'audit environment': ['hideEnvironment'],
  // Nobody sees a hidden job or environment: the write that shows or hides it announces that.
  '': [
    ...['addHiddenJob', 'addToHiddenJob', 'deleteHiddenJobRows', 'deleteEnvironmentRows'],
    // Contents that no job and no test names.
    'deleteUnreferencedFiles',
    // Marks for the background.
    ...[
      'markDue',
      'markTestcases',
      'markTestsOfJobs',
      'analyseAllAnew',
      'judgeAnew',
      'markAllClusters',
      'findAllIncidentsAnew',
    ],
    // They change no data that anybody reads.
    ...['tryWrite', 'saveRedactionProgress', 'endRedaction', 'wipeDeleted', 'mergeWords', 'fillSearch'],
  ],
}

const server = withServer()
const { markChanged } = Connection.prototype
const runs = new Map<Write<unknown, unknown>, Pick<Write<unknown, unknown>, 'run' | 'runMany'>>()
const kindsByWrite = new Map<string, Set<string>>()
/** The writes that are being made: one may call another. */
const running: string[] = []

beforeAll(() => {
  for (const [name, write] of collectWrites(Object.values(operations))) watch(name, write)
  Connection.prototype.markChanged = function (kind, id) {
    for (const name of running) kindsByWrite.get(name)?.add(kind)
    markChanged.call(this, kind, id)
  }
})

afterAll(() => {
  for (const [write, before] of runs) Object.assign(write, before)
  Connection.prototype.markChanged = markChanged
})

function watch(name: string, write: Write<unknown, unknown>): void {
  const { run, runMany } = write
  runs.set(write, runMany ? { run, runMany } : { run })
  kindsByWrite.set(name, new Set())
  const watched =
    <A extends unknown[], R>(work: (...given: A) => Promise<R>) =>
    async (...given: A) => {
      running.push(name)
      try {
        return await work(...given)
      } finally {
        running.pop()
      }
    }
  Object.assign(write, { run: watched(run), ...(runMany && { runMany: watched(runMany) }) })
}

const name = (write: string, kinds: Iterable<string>) => `${write}: ${[...kinds].sort().join(' ')}`

test('each write announces the kinds that it changes, and none is silent without a reason', async () => {
  await tour(server)
  await doTheRest(server)
  const found = [...kindsByWrite].map(([write, kinds]) => name(write, kinds))
  const expected = Object.entries(announced).flatMap(([kinds, writes]) =>
    writes.map((write) => name(write, kinds.split(' '))),
  )
  expect(found.sort()).toEqual(expected.sort())
  expect(
    changeKinds.filter((kind) => !Object.keys(announced).some((kinds) => kinds.split(' ').includes(kind))),
  ).toEqual([])
}, 120_000)

/** What changes something only after other changes than those of the tour. */
async function doTheRest({ client, stranger, database, setPassword }: TestServer): Promise<void> {
  await setPassword('first')
  await signIn(stranger, 'admin', 'first')
  await setPassword('second')
  const { body } = await client.post('/users/', { username: 'bob', password: 'first' })
  await signIn(stranger, 'bob', 'first')
  await client.patch(`/users/${body.id}/`, { disabled: true })
  await database.write(deleteOldEntries, { before: NOW + 1 })
  const connection = openConnection(database.path)
  connection.database.run('UPDATE job SET passed = passed + 1')
  connection.close()
  await database.write(repairDerivedData, {})
}

test('a commit names each change once, and up to 1,000 ids of a kind', () => {
  const many = (count: number) => Array.from({ length: count }, (_, id): Change => ({ kind: 'job', id }))
  const listOf = (...changes: Change[]) => {
    const set = new ChangeSet()
    set.addAll(changes)
    return set.toList()
  }
  const user: Change = { kind: 'user', id: 1 }
  expect(listOf(user, { kind: 'job', id: 1 }, user)).toEqual([user, { kind: 'job', id: 1 }])
  expect(listOf(...many(MAX_IDS), user)).toEqual([...many(MAX_IDS), user])
  expect(listOf(...many(MAX_IDS + 1), user)).toEqual([{ kind: 'job', id: 'any' }, user])
  expect(listOf({ kind: 'job', id: 1 }, { kind: 'job', id: 'any' }, { kind: 'job', id: 2 })).toEqual([
    { kind: 'job', id: 'any' },
  ])
})

test('a subscriber picks the ids of a kind', () => {
  const changes: Change[] = [
    { kind: 'job', id: 3 },
    { kind: 'user', id: 'any' },
    { kind: 'job', id: 4 },
  ]
  const ids = (['job', 'user', 'token'] as const).map((kind) => changedIds(changes, kind))
  expect(ids).toEqual([[3, 4], 'unknown', []])
  expect(changedIds('unknown', 'token')).toBe('unknown')
})

test("changes come out of the writer's thread as they went in", () => {
  const changes: Change[] = [
    { kind: 'job', id: 3 },
    { kind: 'job', id: 4 },
    { kind: 'audit', id: 'any' },
  ]
  const packed = JSON.stringify(packChanges(changes))
  expect(packed).toBe('{"job":[3,4],"audit":["any"]}')
  expect(unpackChanges(JSON.parse(packed))).toEqual(changes)
  expect(unpackChanges(packChanges('unknown'))).toBe('unknown')
})

// The clusters of a server, which are made anew a few milliseconds at a time of what its thread remembers, are those of
// all templates at once, whatever came before.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { findHoles } from '../../../src/analysis/reasons/holes'
import { WordTable } from '../../../src/analysis/reasons/word-table'
import { repairAnalyses } from '../../../src/analysis/series/check'
import { hashOfText } from '../../../src/storage/interned'
import { openConnection } from '../../../src/storage/sqlite/connection'
import { scaled } from '../../support/scale'
import { withServer } from '../../support/server'
import { settle } from '../../support/settled'

const server = withServer()

const names = 'abcdefghijkl'.split('')

/** Reasons in the order in which they come: of some names, each once or several times. */
const reasons = fc
  .tuple(
    fc.constantFrom(
      'NAME x u',
      'a NAME x u',
      'a x NAME u',
      'a <*> NAME u',
      'a NAME <*> u',
      'a x u NAME more',
    ),
    fc.subarray(names, { minLength: 6 }),
    fc.constantFrom(1, 1, 1, 2, 3),
  )
  .map(([text, some, times]) => some.flatMap((name) => Array<string>(times).fill(text.replace('NAME', name))))

/** Adds reasons as the background would, and marks their templates. */
async function add(texts: readonly string[]): Promise<void> {
  const { database, close } = opened()
  for (const text of texts) {
    database.run('INSERT OR IGNORE INTO template (hash, text) VALUES (?, ?)', [hashOfText(text), text])
    database.run(
      'INSERT INTO fail_reason (hash, text, template) SELECT randomblob(16), ?, id FROM template WHERE text = ?',
      [text, text],
    )
    const task = `find values in templates ${text.split(' ').length}`
    database.run(`INSERT OR REPLACE INTO task (name, state) VALUES (?, '{"change":0}')`, [task])
  }
  close()
  await settle(server)
}

const opened = () => {
  const connection = openConnection(server.database.path)
  return { database: connection.database, close: () => connection.close() }
}

function stored(): [string, string][] {
  const { database, close } = opened()
  using statement = database.prepare(
    'SELECT template.text, cluster.text AS name FROM template JOIN template AS cluster ON cluster.id = template.parent',
  )
  const rows = statement.all() as { text: string; name: string }[]
  close()
  return rows.map(({ text, name }): [string, string] => [text, name]).sort()
}

test('step by step and after each part, the clusters are those of all templates', async () => {
  let clustered = 0
  await fc.assert(
    fc.asyncProperty(fc.array(reasons, { minLength: 2, maxLength: 6 }), async (parts) => {
      const { database, close } = opened()
      database.run('UPDATE template SET parent = NULL')
      database.run('UPDATE fail_reason SET template = NULL')
      close()
      const counts = new Map<string, number>()
      for (const part of parts) {
        await add(part)
        for (const text of part) counts.set(text, (counts.get(text) ?? 0) + 1)
        const wanted = findHoles([...counts].map(([text, reasons]) => ({ text, reasons })))
        clustered += wanted.size
        expect(stored()).toEqual([...wanted].sort())
      }
    }),
    { numRuns: scaled(10, 40) },
  )
  expect(clustered).toBeGreaterThan(0)
}, 60_000)

test('check finds a template in a wrong cluster, and repair puts it where it belongs', async () => {
  await add(names.map((name) => `The volume of ${name} was not found`))
  const before = stored()
  expect(before).toHaveLength(12)
  const { database, close } = opened()
  database.run("UPDATE template SET parent = NULL WHERE text LIKE '%of a was%'")
  close()
  const background = { database: server.database, clock: () => server.now }
  expect(await repairAnalyses(background)).toEqual([
    {
      what: 'fail reasons that are not in the cluster of their kind',
      count: 1,
      examples: ['The volume of a was not found'],
    },
  ])
  expect(stored()).toEqual(before)
})

test('texts with a word of their own at one place are a group there, and nowhere else', () => {
  const table = new WordTable(4)
  for (let at = 0; at < 200; at++) table.add(at, ['The', 'disk', `n${at}`, at % 2 === 0 ? 'left' : 'came'])
  for (let at = 200; at < 220; at++) table.add(at, ['The', `d${at}`, '<*>', 'left'])
  const sizes = [0, 1, 2, 3].map((place) =>
    table
      .groupsAt(place, 8)
      .map(({ members }) => members.length)
      .sort(),
  )
  expect(sizes).toEqual([[], [20], [100, 100], []])
  const [[group] = []] = [table.groupsAt(1, 8)]
  const named = new WordTable(4)
  named.add(1, ['The', '<*>', '<*>', 'left'])
  expect(group?.key).toBe(named.textKey(0))
})

test('templates of many words take work in proportion to their words', () => {
  const words = 20
  const probesOf = (count: number) => {
    const table = new WordTable(words)
    for (let at = 0; at < count; at++)
      table.add(
        at,
        Array.from({ length: words }, (_, place) => `w${(at * (place + 7)) % 9973}`),
      )
    for (let place = 0; place < words; place++) table.groupsAt(place, 8)
    return table.probes
  }
  // Each is looked up once at each place, and meets few others.
  for (const count of [5000, 40_000]) expect(probesOf(count) / count / words).toBeWithin(1, 3)
})

// Finds the clusters of the templates whose numbers of words are marked, in steps of a few milliseconds, as findHoles()
// defines them. What it knows of the templates stays in the memory of the thread: a new reason does not make anybody read
// all templates again.

import { type RawBuilder, sql } from 'kysely'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { templateTexts } from '../names'
import { storedTemplateId } from '../regressions/stored'
import {
  FEWEST_WORDS_BEHIND_FIRST,
  FEWEST_WORDS_OF_TEXT,
  LEAST_WORDS,
  MOST_REASONS,
  MOST_WORDS_OF_TEXT,
} from './holes'
import { VALUE } from './mask'
import { type Group, type TextKey, WordTable } from './word-table'

/** Beyond so many reasons a template is no name in any cluster that is likely. */
export const MAX_REASONS = 100
/** Templates that are read at once, and those whose reasons are counted. */
const READ_AT_ONCE = 200
const COUNTED_AT_ONCE = 200
/** The words of all templates that are kept, 8 bytes each. Of more, the longest templates are in no cluster. */
const MAX_WORDS = 4_000_000
/** Templates of one length that are in so many groups are too much alike to be parted by words. */
const MAX_MEMBERS = 2_000_000
/** Members of holes that are linked at once. */
const MEMBERS_AT_ONCE = 20_000
/** Changes that one write stores, and characters of the names of clusters in them. */
const MAX_CHANGES = 200
const MAX_CHARACTERS = 200_000

/** Templates whose cluster is another one now, with its text; null: they are in none. */
export type Parents = [template: number, cluster: string | null][]

const nextTemplates = query<{ after: number; limit: number }>()((param) =>
  tables
    .selectFrom('template')
    .select(['id', 'text'])
    .where('id', '>', param('after'))
    .orderBy('id')
    .limit(param('limit')),
)
/** How many fail reasons a row of `template` has, counted up to `most`. */
export function reasonCount(most: RawBuilder<number>): RawBuilder<number> {
  return sql<number>`(SELECT count(*) FROM
    (SELECT 1 FROM fail_reason WHERE fail_reason.template = template.id LIMIT ${most}) AS found)`
}

const countReasons = query<{ ids: NumberList; most: number }>()((param) =>
  tables
    .selectFrom('template')
    .select(['id', reasonCount(param('most')).as('reasons')])
    .where(inList('id', param('ids'))),
)
const parentsOf = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('template')
    .select(['id', 'parent'])
    .where(inList('id', param('ids'))),
)

/** A hole is named by the text of one of its members, with a value at its place. */
interface Hole {
  key: TextKey
  place: number
  members: Set<number>
}

/** What is known of all templates. */
export class KnownTemplates {
  /** By the number of their words. */
  private readonly byLength = new Map<number, WordTable>()
  /** Templates that are too long to be kept. */
  private readonly left = new Map<number, number[]>()
  private words = 0
  private last = 0

  /** Reads the templates that came since. Yields between parts. */
  async *read(connection: Connection): AsyncGenerator<undefined> {
    for (;;) {
      const rows = await connection.all(nextTemplates, { after: this.last, limit: READ_AT_ONCE })
      for (const { id, text } of rows) this.add(id, text)
      if (rows.length < READ_AT_ONCE) return
      yield undefined
    }
  }

  private add(id: number, text: string): void {
    this.last = id
    const words = text.split(' ')
    const { length } = words
    if (length < FEWEST_WORDS_OF_TEXT || length > MOST_WORDS_OF_TEXT) return
    const left = this.left.get(length)
    if (left) {
      left.push(id)
      return
    }
    const table = this.byLength.get(length) ?? new WordTable(length)
    this.byLength.set(length, table)
    table.add(id, words)
    this.words += length
    if (this.words > MAX_WORDS) this.leaveLongest()
  }

  /** The templates that are left out are a function of the set of all of them, not of their order. */
  private leaveLongest(): void {
    const longest = [...this.byLength.values()].reduce((a, b) => (b.length > a.length ? b : a))
    this.byLength.delete(longest.length)
    this.words -= longest.words
    this.left.set(longest.length, longest.ids)
  }

  /** The changes of the templates with so many words, some at a time; undefined: nothing yet. */
  async *changes(connection: Connection, length: number): AsyncGenerator<Parents | undefined> {
    const table = this.byLength.get(length)
    const ids = table?.ids ?? this.left.get(length) ?? []
    const clusters = new Map<number, Hole>()
    if (table) {
      for await (const [index, name] of clustersOf(connection, table)) {
        if (name) clusters.set(index, name)
        else yield undefined // a pause
      }
    }
    yield* differences(connection, ids, clusters)
  }
}

/** The cluster of each template that has one, by its index. [-1]: a pause. */
async function* clustersOf(
  connection: Connection,
  table: WordTable,
): AsyncGenerator<[index: number, cluster?: Hole]> {
  const groups: Group[] = []
  let members = 0
  for (let place = table.length < FEWEST_WORDS_BEHIND_FIRST ? 1 : 0; place < table.length; place++) {
    for (const group of table.groupsAt(place, LEAST_WORDS)) {
      groups.push(group)
      members += group.members.length
    }
    if (members > MAX_MEMBERS) return
    yield [-1]
  }
  const reasons = new Map<number, number>()
  const wanted = [...new Set(groups.flatMap((group) => group.members))]
  for (let at = 0; at < wanted.length; at += COUNTED_AT_ONCE) {
    const some = wanted.slice(at, at + COUNTED_AT_ONCE)
    const indexOf = new Map(some.map((index) => [table.ids[index] ?? 0, index]))
    const ids = toNumberList([...indexOf.keys()])
    for (const row of await connection.all(countReasons, { ids, most: MAX_REASONS }))
      reasons.set(indexOf.get(row.id) ?? -1, row.reasons)
    yield [-1]
  }
  const holes = holesOf(groups, reasons)
  yield [-1]
  const links = new Links()
  const names = yield* nameClusters(connection, table, holes, links)
  for (const { key, members } of holes) {
    const name = names.get(links.find(key))
    for (const index of members) if (name && name.key !== table.textKey(index)) yield [index, name]
  }
}

/** The groups that are holes, those with one text as one. */
function holesOf(groups: readonly Group[], reasons: ReadonlyMap<number, number>): Hole[] {
  const holes = new Map<TextKey, Hole>()
  for (const { key, place, members: all } of groups) {
    const members = all.filter((index) => (reasons.get(index) ?? 0) > 0)
    const sum = members.reduce((total, index) => total + (reasons.get(index) ?? 0), 0)
    if (members.length < LEAST_WORDS || sum > MOST_REASONS * members.length) continue
    const hole = holes.get(key)
    if (!hole) holes.set(key, { key, place, members: new Set(members) })
    else for (const index of members) hole.members.add(index)
  }
  return [...holes.values()]
}

/** Unites what is linked. Roots of trees of texts. */
class Links {
  private readonly roots = new Map<TextKey, TextKey>()

  find(key: TextKey): TextKey {
    let root = key
    for (let next = this.roots.get(root); next !== undefined; next = this.roots.get(root)) root = next
    for (let step = key; step !== root; ) {
      const next = this.roots.get(step) ?? root
      this.roots.set(step, root)
      step = next
    }
    return root
  }

  unite(one: TextKey, other: TextKey): void {
    const [root, second] = [this.find(one), this.find(other)]
    if (root !== second) this.roots.set(second, root)
  }
}

/**
 * The names of clusters, by the root of what is linked: the widest hole; of equally wide ones the first in the alphabet.
 * Pauses while it works.
 */
async function* nameClusters(
  connection: Connection,
  table: WordTable,
  holes: readonly Hole[],
  links: Links,
): AsyncGenerator<[-1], Map<TextKey, Hole>> {
  let done = 0
  for (const { key, members } of holes) {
    for (const index of members) {
      links.unite(key, table.textKey(index))
      if (++done % MEMBERS_AT_ONCE === 0) yield [-1]
    }
  }
  const names = new Map<TextKey, { hole: Hole; text?: string }>()
  for (const hole of holes) {
    const root = links.find(hole.key)
    const best = names.get(root)
    const wider = hole.members.size - (best?.hole.members.size ?? 0)
    if (!best || wider > 0) names.set(root, { hole })
    else if (wider === 0) {
      best.text ??= await textOfHole(connection, table.ids, best.hole)
      const text = await textOfHole(connection, table.ids, hole)
      if (text < best.text) names.set(root, { hole, text })
      if (++done % READ_AT_ONCE === 0) yield [-1]
    }
  }
  return new Map([...names].map(([root, { hole }]) => [root, hole]))
}

async function textOfHole(
  connection: Connection,
  ids: readonly number[],
  { members, place }: Hole,
): Promise<string> {
  const [member] = members
  const id = ids[member ?? 0] ?? 0
  const words = ((await templateTexts(connection, [id])).get(id) ?? '').split(' ')
  words[place] = VALUE
  return words.join(' ')
}

/** What differs from what is stored. @param clusters  by the index of `ids`; the others are in none. */
async function* differences(
  connection: Connection,
  ids: readonly number[],
  clusters: ReadonlyMap<number, Hole>,
): AsyncGenerator<Parents | undefined> {
  const named = new Map<TextKey, { text: string; id: number | undefined }>()
  const nameOf = async (hole: Hole) => {
    const known = named.get(hole.key)
    if (known) return known
    const text = await textOfHole(connection, ids, hole)
    const name = { text, id: await storedTemplateId(connection, text) }
    named.set(hole.key, name)
    return name
  }
  let part: Parents = []
  let characters = 0
  for (let from = 0; from < ids.length; from += READ_AT_ONCE) {
    const some = ids.slice(from, from + READ_AT_ONCE)
    const rows = await connection.all(parentsOf, { ids: toNumberList(some) })
    const stored = new Map(rows.map(({ id, parent }) => [id, parent]))
    for (const [offset, id] of some.entries()) {
      const hole = clusters.get(from + offset)
      const wanted = hole && (await nameOf(hole))
      if (wanted ? wanted.id !== undefined && stored.get(id) === wanted.id : stored.get(id) === null) continue
      part.push([id, wanted?.text ?? null])
      characters += wanted?.text.length ?? 0
      if (part.length < MAX_CHANGES && characters < MAX_CHARACTERS) continue
      yield part
      part = []
      characters = 0
    }
    yield undefined
  }
  if (part.length > 0) yield part
}

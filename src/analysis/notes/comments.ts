// Reads and writes comments.

import { sql } from 'kysely'
import { record } from '../../audit/log'
import type { Slice } from '../../http/resource/pagination'
import { Conflict, NotFound } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { type CarriedFailure, changeCarried } from '../known-issues/carrying'
import { hideKnownIssue } from '../known-issues/changes'
import { type Author, requireAuthor } from './author'
import { linksIn, MAX_COMMENTS } from './model'
import { type NotesOf, nameOfThing, type Thing, type ThingKind } from './things'

const comments = tables
  .selectFrom('comment')
  .innerJoin('user', 'user.id', 'comment.user')
  .leftJoin('test', 'test.id', 'comment.test')
  .leftJoin('job', 'job.number', 'test.job')
  .select(['comment.id', 'comment.kind', 'comment.target', 'comment.text', 'comment.created_at as createdAt'])
  .select(['comment.changed_at as changedAt', 'comment.known_issue as knownIssue'])
  .select(['user.id as user', 'user.username', 'job.id as job'])

const commentById = query<{ id: number }>()((param) => comments.where('comment.id', '=', param('id')))
// A comment on a template that is part of a cluster is one on the cluster.
const targets = (param: (name: 'kind' | 'target') => ReturnType<typeof sql<never>>) =>
  sql<boolean>`target IN (SELECT ${param('target')} UNION ALL
    SELECT id FROM template WHERE parent = ${param('target')} AND ${param('kind')} = 'cluster')`
const commentsOn = query<Thing & Slice>()((param) =>
  comments
    .where('comment.kind', '=', param('kind'))
    .where(targets(param as never))
    .orderBy('comment.id')
    .limit(param('limit'))
    .offset(param('offset')),
)
const countOn = query<Thing>()((param) =>
  tables
    .selectFrom('comment')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('kind', '=', param('kind'))
    .where(targets(param as never)),
)
const allComments = query<Slice>()((param) =>
  comments.orderBy('comment.id', 'desc').limit(param('limit')).offset(param('offset')),
)
const highestId = query()(() => tables.selectFrom('comment').select((column) => column.fn.max('id').as('id')))
const countAll = query()(() =>
  tables.selectFrom('comment').select((column) => column.fn.countAll<number>().as('count')),
)
const countsOn = query<{ kind: ThingKind; targets: NumberList }>()((param) =>
  tables
    .selectFrom('comment')
    .select('target')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('kind', '=', param('kind'))
    .where(inList('target', param('targets')))
    .groupBy('target'),
)

export type CommentRow = NonNullable<Awaited<ReturnType<typeof findComment>>>

function findComment(connection: Connection, id: number) {
  return connection.first(commentById, { id })
}

/** @throws NotFound */
export async function getComment(connection: Connection, id: number): Promise<CommentRow> {
  const row = await findComment(connection, id)
  if (!row) throw new NotFound()
  return row
}

export const commentsOf: NotesOf<CommentRow> = {
  most: async (connection, thing) =>
    thing ? MAX_COMMENTS : ((await connection.first(highestId, {}))?.id ?? 0),
  count: async (connection, thing) =>
    (await (thing ? connection.first(countOn, thing) : connection.first(countAll, {})))?.count ?? 0,
  list: (connection, thing, slice) =>
    thing ? connection.all(commentsOn, { ...thing, ...slice }) : connection.all(allComments, slice),
}

/** How many comments things of one kind have, by their targets. */
export async function commentCounts(
  connection: Connection,
  kind: ThingKind,
  ids: readonly number[],
): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map()
  const rows = await connection.all(countsOn, { kind, targets: toNumberList(ids) })
  return new Map(rows.map(({ target, count }) => [target, count]))
}

const insertComment = query<Thing & { test: number | null; user: number; text: string; now: Microseconds }>()(
  (param) =>
    tables.insertInto('comment').values({
      kind: param('kind'),
      target: param('target'),
      test: param('test') as never,
      user: param('user'),
      text: param('text'),
      created_at: param('now'),
    }),
)
const updateComment = query<{ id: number; text: string; now: Microseconds }>()((param) =>
  tables
    .updateTable('comment')
    .set({ text: param('text'), changed_at: param('now') as never })
    .where('id', '=', param('id')),
)
const linkIssue = query<{ id: number; issue: number | null }>()((param) =>
  tables
    .updateTable('comment')
    .set({ known_issue: param('issue') as never })
    .where('id', '=', param('id')),
)
const removeComment = query<{ id: number }>()((param) =>
  tables.deleteFrom('comment').where('id', '=', param('id')),
)

/**
 * Adds a comment. The first link of one on a failure is carried over to later failures.
 *
 * @throws Conflict when the thing has too many.
 */
export const addComment = defineWrite(
  'addComment',
  async (
    connection,
    {
      thing,
      text,
      failure,
      author,
    }: { thing: Thing; text: string; failure?: CarriedFailure; author: Author },
  ): Promise<{ id: number }> => {
    if ((await commentsOf.count(connection, thing)) >= MAX_COMMENTS) {
      throw new Conflict(
        `There are ${MAX_COMMENTS} comments already: erase some, or say it in a report and link that.`,
      )
    }
    const test = thing.kind === 'failure' ? thing.target : null
    const id = await connection.insert(insertComment, {
      ...thing,
      test,
      text,
      user: author.user,
      now: author.at,
    })
    await carry(connection, { id, knownIssue: null, text, failure, author })
    connection.markChanged('comment', id)
    await record(connection, author, 'commented', nameOfThing(thing), `comment ${id}`)
    return { id }
  },
)

/** Makes, changes or ends the known issue of a comment: its first link is carried over if it is about a failure. */
async function carry(
  connection: Connection,
  {
    id,
    knownIssue,
    text,
    failure,
    author,
  }: Pick<CommentRow, 'id' | 'knownIssue'> & {
    text: string
    failure: CarriedFailure | undefined
    author: Author
  },
): Promise<void> {
  const [link] = linksIn(text)
  const issue = await changeCarried(connection, { id: knownIssue, link, text, failure, author })
  if (issue !== knownIssue) await connection.run(linkIssue, { id, issue })
}

/** @throws NotFound, Forbidden */
export const changeComment = defineWrite(
  'changeComment',
  async (
    connection,
    { id, text, failure, author }: { id: number; text: string; failure?: CarriedFailure; author: Author },
  ): Promise<void> => {
    const before = await getComment(connection, id)
    requireAuthor(author, before)
    await connection.run(updateComment, { id, text, now: author.at })
    await carry(connection, { ...before, text, failure, author })
    connection.markChanged('comment', id)
    await record(
      connection,
      author,
      'comment-changed',
      nameOfThing(before as Thing),
      `comment ${id} of ${before.username}`,
    )
  },
)

/** @throws NotFound, Forbidden */
export const eraseComment = defineWrite(
  'eraseComment',
  async (connection, { id, author }: { id: number; author: Author }): Promise<void> => {
    const before = await getComment(connection, id)
    requireAuthor(author, before)
    if (before.knownIssue !== null) await hideKnownIssue(connection, before.knownIssue)
    await connection.run(removeComment, { id })
    connection.markChanged('comment', id)
    await record(
      connection,
      author,
      'comment-erased',
      nameOfThing(before as Thing),
      `comment ${id} of ${before.username}`,
    )
  },
)

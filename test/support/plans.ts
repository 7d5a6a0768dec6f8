// How SQLite goes about the queries of the app, noted while they run.

import { Connection, type Query } from '../../src/storage/query'

export interface Seen {
  query: Query<unknown, unknown>
  sql: string
  /** The steps of EXPLAIN QUERY PLAN. */
  plan: string[]
  /** Whether it was foreseen each time that it looks at rows, and so may have been left to the reader's thread. */
  foreseen: boolean
}

/**
 * Notes every query that runs on any connection of this process from now on, once, with its plan.
 *
 * @returns what has been seen, and a function that ends it.
 */
export function watchQueries(): { seen: Map<string, Seen>; stop(): void } {
  const seen = new Map<string, Seen>()
  /** Connections on which something was foreseen since their transaction began. */
  const foreseeing = new WeakSet<Connection>()
  const note = (connection: Connection, query: Query<unknown, unknown>) => {
    const { database } = connection
    const { sql } = query.compile()
    const foreseen = foreseeing.has(connection)
    const before = seen.get(sql)
    if (before) {
      before.foreseen &&= foreseen
      return
    }
    const statement = database.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    const steps = statement.all(...new Array(statement.paramsCount).fill(null)) as { detail: string }[]
    statement.finalize()
    seen.set(sql, { query, sql, plan: steps.map(({ detail }) => detail), foreseen })
  }
  const { all, allOfAnswer, first, run, execute, foresee } = Connection.prototype
  Connection.prototype.all = function (query, parameters) {
    note(this, query as Query<unknown, unknown>)
    return all.call(this, query as Query<unknown, unknown>, parameters) as never
  }
  Connection.prototype.allOfAnswer = function (query, parameters) {
    note(this, query as Query<unknown, unknown>)
    return allOfAnswer.call(this, query as Query<unknown, unknown>, parameters) as never
  }
  Connection.prototype.first = function (query, parameters) {
    note(this, query as Query<unknown, unknown>)
    return first.call(this, query as Query<unknown, unknown>, parameters) as never
  }
  Connection.prototype.run = function (query, parameters) {
    note(this, query as Query<unknown, unknown>)
    return run.call(this, query as Query<unknown, unknown>, parameters)
  }
  Connection.prototype.execute = function (text) {
    foreseeing.delete(this)
    execute.call(this, text)
  }
  Connection.prototype.foresee = function (rows) {
    foreseeing.add(this)
    foresee.call(this, rows)
  }
  return {
    seen,
    stop: () => Object.assign(Connection.prototype, { all, allOfAnswer, first, run, execute, foresee }),
  }
}

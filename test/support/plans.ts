// How SQLite goes about the queries of the app, noted while they run.

import type { Query } from '../../src/storage/query'
import { Step } from '../../src/storage/row-budget'
import { SqliteConnection } from '../../src/storage/sqlite/sqlite-connection'

export interface Seen {
  query: Query<unknown, unknown>
  sql: string
  /** The steps of EXPLAIN QUERY PLAN. */
  plan: string[]
  /** Whether it ran within a row budget each time, and so could have been left to the reader's worker. */
  budgeted: boolean
}

/**
 * Notes every query that runs on any connection of this process from now on, once, with its plan.
 *
 * @returns what has been seen, and a function that ends it.
 */
export function watchQueries(): { seen: Map<string, Seen>; stop(): void } {
  const seen = new Map<string, Seen>()
  /** Of the step that runs at the moment: 0 in none, and where it says that it looks at no rows. */
  let rowBudget = 0
  const note = (connection: SqliteConnection, query: Query<unknown, unknown>) => {
    const { database } = connection
    const { sql } = query.compile()
    const budgeted = rowBudget > 0
    const before = seen.get(sql)
    if (before) {
      before.budgeted &&= budgeted
      return
    }
    const statement = database.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    const plan = statement.all(...new Array(statement.paramsCount).fill(null)) as { detail: string }[]
    statement.finalize()
    seen.set(sql, { query, sql, plan: plan.map(({ detail }) => detail), budgeted })
  }
  const { all, allOfAnswer, first, run, insert } = SqliteConnection.prototype
  const { run: runStep } = Step.prototype
  SqliteConnection.prototype.all = function (query, parameters) {
    note(this, query as Query<unknown, unknown>)
    return all.call(this, query as Query<unknown, unknown>, parameters) as never
  }
  SqliteConnection.prototype.allOfAnswer = function (query, parameters) {
    note(this, query as Query<unknown, unknown>)
    return allOfAnswer.call(this, query as Query<unknown, unknown>, parameters) as never
  }
  SqliteConnection.prototype.first = function (query, parameters) {
    note(this, query as Query<unknown, unknown>)
    return first.call(this, query as Query<unknown, unknown>, parameters) as never
  }
  SqliteConnection.prototype.run = function (query, parameters) {
    note(this, query as Query<unknown, unknown>)
    return run.call(this, query as Query<unknown, unknown>, parameters)
  }
  SqliteConnection.prototype.insert = function (query, parameters) {
    note(this, query as Query<unknown, unknown>)
    return insert.call(this, query as Query<unknown, unknown>, parameters)
  }
  Step.prototype.run = async function () {
    rowBudget = this.rowBudget
    try {
      return await runStep.call(this)
    } finally {
      rowBudget = 0
    }
  }
  return {
    seen,
    stop() {
      Object.assign(SqliteConnection.prototype, { all, allOfAnswer, first, run, insert })
      Object.assign(Step.prototype, { run: runStep })
    },
  }
}

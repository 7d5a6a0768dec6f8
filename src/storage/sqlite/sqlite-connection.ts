// Runs queries on bun:sqlite.

import { constants, type Database, type SQLQueryBindings, type Statement } from 'bun:sqlite'
import { Connection, type Query, valuesOf } from '../query'
import { TimeLimit } from './time-limit'

const MAX_STATEMENTS = 500

/** One SQLite connection and the statements prepared on it. Each query is done when its promise is made. */
export class SqliteConnection extends Connection {
  readonly timeLimit: TimeLimit
  private readonly statements = new Map<string, Statement>()

  constructor(readonly database: Database) {
    super()
    this.timeLimit = new TimeLimit(database)
  }

  override async all<P, R>(query: Query<P, R>, parameters: P): Promise<R[]> {
    return this.statement(query).all(...bind(query, parameters)) as R[]
  }

  /** Reads the rows one by one, so that a large answer never fills the memory. */
  override async allOfAnswer<P, R>(query: Query<P, R>, parameters: P): Promise<R[]> {
    const rows: R[] = []
    for (const row of this.statement(query).iterate(...bind(query, parameters))) {
      this.answerSize.count(row as object)
      rows.push(row as R)
    }
    return rows
  }

  override async first<P, R>(query: Query<P, R>, parameters: P): Promise<R | undefined> {
    return (this.statement(query).get(...bind(query, parameters)) as R | null) ?? undefined
  }

  override async run<P, R>(query: Query<P, R>, parameters: P): Promise<{ changes: number }> {
    return { changes: this.statement(query).run(...bind(query, parameters)).changes }
  }

  override async insert<P, R>(query: Query<P, R>, parameters: P): Promise<number> {
    const { changes, lastInsertRowid } = this.statement(query).run(...bind(query, parameters))
    return changes === 0 ? 0 : Number(lastInsertRowid)
  }

  /** Runs a statement that has neither parameters nor rows, such as BEGIN. */
  execute(text: string): void {
    this.prepared(text).run()
  }

  /** The one row that a statement without parameters gives, such as a PRAGMA. */
  row(text: string): unknown[] {
    return this.prepared(text).values()[0] ?? []
  }

  /** Whether the path belongs to another file, or to none, since the database was opened. Takes two microseconds. */
  isMoved(): boolean {
    const moved = new Int32Array(2) // SQLite fills the first; Bun wants eight bytes
    this.database.fileControl(constants.SQLITE_FCNTL_HAS_MOVED, moved)
    return moved[0] !== 0
  }

  close(): void {
    for (const statement of this.statements.values()) statement.finalize()
    this.statements.clear()
    this.database.close(true)
  }

  private statement<P, R>(query: Query<P, R>): Statement {
    return this.prepared(query.compile().sql)
  }

  // Not database.query(): it keeps only 20 statements, and this server has more. The number is limited here too,
  // because clients choose the fields that a list is ordered by, and so the text of a query.
  private prepared(text: string): Statement {
    let statement = this.statements.get(text)
    if (!statement) {
      statement = this.database.prepare(text)
      this.statements.set(text, statement)
      const [oldest] = this.statements
      if (oldest && this.statements.size > MAX_STATEMENTS) {
        this.statements.delete(oldest[0])
        oldest[1].finalize()
      }
    }
    return statement
  }
}

function bind<P, R>(query: Query<P, R>, parameters: P): SQLQueryBindings[] {
  return valuesOf(query, parameters) as SQLQueryBindings[]
}

/** The connection of a command or a task that works on SQLite's own terms, such as a check. */
export function sqliteOf(connection: Connection): SqliteConnection {
  if (connection instanceof SqliteConnection) return connection
  throw new Error('this is done on SQLite only')
}

/** Makes SQLite overwrite in the file what this connection deletes or replaces from now on. */
export function overwriteDeleted(connection: Connection): void {
  sqliteOf(connection).row('PRAGMA secure_delete = ON')
}

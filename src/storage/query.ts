// Typed queries, written with Kysely, compiled once. Connection runs them: on bun:sqlite each is done when its
// promise is made. Kysely's own execution takes several times as long.

import { constants, type Database, type SQLQueryBindings, type Statement } from 'bun:sqlite'
import {
  type Compilable,
  DummyDriver,
  Kysely,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { AnswerSizeLimit } from './answer-size'
import type { Change, ChangeKind } from './change-feed'
import type { Tables } from './schema'
import { TimeLimit } from './sqlite/time-limit'

/**
 * Writes `+?` in place of `?`. When a bare parameter is compared with a column in a join or under an ORDER BY, SQLite
 * plans the statement again at each run, because another value could need another plan. This takes longer than most
 * statements do. The plus changes no value, and keeps SQLite from planning by it.
 */
class SteadyQueryCompiler extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '+?'
  }
}

/** Builds and compiles; never executes. */
export const tables = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SteadyQueryCompiler(),
  },
})

/** Marks a place in a compiled query's parameters for a value that is given at each run. */
class Placeholder {
  constructor(readonly name: string) {}
}

/** The right side of an IN. The query's text is the same for any number of members, so it is compiled once. */
export function members(numbers: readonly number[]): RawBuilder<unknown> {
  return sql`(SELECT value FROM json_each(${JSON.stringify(numbers)}))`
}

/** Whether a column has one of many numbers, which are given at each run: `where(inList('job', param('jobs')))`. */
export function inList(column: string, list: RawBuilder<NumberList>): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} IN (SELECT value FROM json_each(${list}))`
}

/** The value of a parameter for inList(). */
export type NumberList = string & { readonly isNumberList: true }

export function toNumberList(numbers: readonly number[]): NumberList {
  return JSON.stringify(numbers) as NumberList
}

const MAX_STATEMENTS = 500

type Parameters = Record<string, SQLQueryBindings>

/** Names a parameter inside a query: `where('job', '=', param('job'))`. */
export type ParameterOf<P> = <K extends keyof P & string>(name: K) => RawBuilder<NonNullable<P[K]>>

/** A query that is compiled at its first run. `P`: its parameters by name. `R`: a row. */
export class Query<P, R> {
  private compiled: { sql: string; parameters: readonly unknown[] } | undefined

  /** @param name  the name of a dynamic query. */
  constructor(
    private readonly build: (param: ParameterOf<P>) => Compilable<R>,
    readonly name?: string,
  ) {}

  compile() {
    const param = (name: string) => sql`${new Placeholder(name)}`
    this.compiled ??= this.build(param as ParameterOf<P>).compile()
    return this.compiled
  }
}

const declared: Query<unknown, unknown>[] = []

/**
 * Declares a query, once, when its module is loaded:
 * `const findJob = query<{ number: number }>()((param) => tables.selectFrom('job')...)`.
 * The two calls are there so that parameters are named and rows are inferred.
 */
export function query<P = Record<never, never>>() {
  return <R>(build: (param: ParameterOf<P>) => Compilable<R>) => {
    const made = new Query<P, R>(build)
    declared.push(made as Query<unknown, unknown>)
    return made
  }
}

/** A query whose text depends on a client's request. @param name  the function that builds it */
export function dynamicQuery<P = Record<never, never>>(name: string) {
  return <R>(build: (param: ParameterOf<P>) => Compilable<R>) => new Query<P, R>(build, name)
}

/** The queries of all modules that are loaded. A test asks SQLite for the plan of each. */
export function declaredQueries(): readonly Query<unknown, unknown>[] {
  return declared
}

/** Tables of texts that are stored once: see interned.ts. */
export type InternedTable = 'activity_name'

/** One SQLite connection and the statements prepared on it. */
export class Connection {
  /**
   * Ids of texts that were looked up on this connection. A rollback may remove some of the rows, so clearCaches() must
   * follow it.
   */
  readonly cachedIds: Record<InternedTable | 'testcase', Map<string, number>> = {
    testcase: new Map(),
    activity_name: new Map(),
  }
  /** Tags that can be split in one way only. Each new testcase clears them. See results/tests/testcases.ts. */
  readonly unambiguousTags = new Set<string>()
  /** The changes that markChanged() has collected since the writer last took them. */
  readonly changes: Change[] = []
  /** The testcases that markStale() has collected since the writer last took them. */
  readonly staleTestcases = new Set<number>()
  readonly timeLimit: TimeLimit
  /** Counts the text that allOfAnswer() reads. */
  readonly answerSize = new AnswerSizeLimit()
  private readonly statements = new Map<string, Statement>()

  constructor(readonly database: Database) {
    this.timeLimit = new TimeLimit(database)
  }

  async all<P, R>(query: Query<P, R>, parameters: P): Promise<R[]> {
    return this.statement(query).all(...bind(query, parameters)) as R[]
  }

  /**
   * The same for rows that may have much text. Reads them one by one, and stops when an answer would become too large.
   *
   * @throws AnswerTooLarge
   */
  async allOfAnswer<P, R>(query: Query<P, R>, parameters: P): Promise<R[]> {
    const rows: R[] = []
    for (const row of this.statement(query).iterate(...bind(query, parameters))) {
      this.answerSize.count(row as object)
      rows.push(row as R)
    }
    return rows
  }

  async first<P, R>(query: Query<P, R>, parameters: P): Promise<R | undefined> {
    return (this.statement(query).get(...bind(query, parameters)) as R | null) ?? undefined
  }

  /** Runs a change. @returns how many rows it changed */
  async run<P, R>(query: Query<P, R>, parameters: P): Promise<{ changes: number }> {
    return { changes: this.statement(query).run(...bind(query, parameters)).changes }
  }

  /**
   * Adds a row to a table with an id.
   *
   * @returns the id of the row, from 1 on; 0 when the query does nothing on a conflict, and there was one.
   */
  async insert<P, R>(query: Query<P, R>, parameters: P): Promise<number> {
    const { changes, lastInsertRowid } = this.statement(query).run(...bind(query, parameters))
    return changes === 0 ? 0 : Number(lastInsertRowid)
  }

  /** Clears cached ids and marked changes after a rollback. */
  clearCaches(): void {
    for (const numbers of Object.values(this.cachedIds)) numbers.clear()
    this.unambiguousTags.clear()
    this.changes.length = 0
    this.staleTestcases.clear()
  }

  /** Announces a change of the open transaction in the change feed, which tells its subscribers after the commit. */
  markChanged(kind: ChangeKind, id: Change['id']): void {
    this.changes.push({ kind, id })
  }

  /**
   * Marks the testcase of a run that the open transaction adds, changes or removes: what is derived from its runs has to
   * be made anew. The writer stores the marks at the commit, each once. See analysis/series/.
   */
  markStale(testcase: number): void {
    this.staleTestcases.add(testcase)
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
  const values = query.compile().parameters
  const bound = new Array<SQLQueryBindings>(values.length)
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    bound[index] = (
      value instanceof Placeholder ? (parameters as Parameters)[value.name] : value
    ) as SQLQueryBindings
  }
  return bound
}

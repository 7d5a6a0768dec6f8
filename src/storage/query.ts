// Typed queries, written with Kysely, compiled once, and the connection that runs them. Kysely's own execution takes
// several times as long.

import { type Compilable, Kysely, type RawBuilder, sql } from 'kysely'
import { AnswerSizeLimit } from './answer-size'
import type { Change, ChangeKind } from './change-feed'
import type { Tables } from './schema'
import { dialect } from './sqlite/compiler'

export * from './dialect'
export type { NumberList } from './sql-dialect'

/** Builds and compiles; never executes. */
export const tables = new Kysely<Tables>({ dialect })

/** Marks a place in a compiled query's parameters for a value that is given at each run. */
class Placeholder {
  constructor(readonly name: string) {}
}

type Parameters = Record<string, unknown>

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

/**
 * One connection to the database, on which one read or change runs at a time. An engine extends it.
 *
 * The queries of a read see one state of the data, and those of a change are stored together or not at all. Who calls
 * it awaits one query before the next.
 */
export abstract class Connection {
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
  /** Counts the text that allOfAnswer() reads. */
  readonly answerSize = new AnswerSizeLimit()

  abstract all<P, R>(query: Query<P, R>, parameters: P): Promise<R[]>

  /**
   * The same for rows that may have much text. Stops when an answer would become too large.
   *
   * @throws AnswerTooLarge
   */
  abstract allOfAnswer<P, R>(query: Query<P, R>, parameters: P): Promise<R[]>

  abstract first<P, R>(query: Query<P, R>, parameters: P): Promise<R | undefined>

  /** Runs a change. @returns how many rows it changed */
  abstract run<P, R>(query: Query<P, R>, parameters: P): Promise<{ changes: number }>

  /**
   * Adds a row to a table with an id.
   *
   * @returns the id of the row, from 1 on; 0 when the query does nothing on a conflict, and there was one.
   */
  abstract insert<P, R>(query: Query<P, R>, parameters: P): Promise<number>

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
}

/** The values of a query's parameters, in the order of its text. */
export function valuesOf<P, R>(query: Query<P, R>, parameters: P): unknown[] {
  const values = query.compile().parameters
  const bound = new Array<unknown>(values.length)
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    bound[index] = value instanceof Placeholder ? (parameters as Parameters)[value.name] : value
  }
  return bound
}

// Statements about many rows: one in place of one for each row.

import { type Compilable, type QueryCreator, type RawBuilder, sql } from 'kysely'
import { type Connection, dynamicQuery, type Query, tables } from './query'
import type { Tables } from './schema'

/** The rows of one statement at most. */
export const MAX_ROWS = 64
/** Each number of rows is a statement of its own. Beyond this many, rows of NULL fill up the next multiple. */
const SIZE_STEP = 8

type Value = string | number | null

/** Builds queries that may join the table `given`. Its columns are those of the given rows. */
type WithRows = QueryCreator<Tables & { given: Record<string, Value> }>

/** A query that is given rows at each run. It must join them with a table: what is NULL joins nothing. */
export class RowsQuery<Row, R> {
  private readonly bySize = new Map<number, Query<Value[], R>>()

  /**
   * @param name  of the function or constant that holds the query.
   * @param columns  of the given rows.
   */
  constructor(
    private readonly name: string,
    private readonly columns: readonly (keyof Row & string)[],
    private readonly build: (given: WithRows) => Compilable<R>,
  ) {}

  /** Runs it. @param rows  up to MAX_ROWS */
  async all(connection: Connection, rows: readonly Row[]): Promise<R[]> {
    if (rows.length === 0) return []
    const size = rows.length < SIZE_STEP ? rows.length : Math.ceil(rows.length / SIZE_STEP) * SIZE_STEP
    const values: Value[] = []
    for (const row of rows) for (const column of this.columns) values.push(row[column] as Value)
    while (values.length < size * this.columns.length) values.push(null)
    return connection.all(this.ofSize(size), values)
  }

  private ofSize(size: number): Query<Value[], R> {
    const known = this.bySize.get(size)
    if (known) return known
    const { name, columns, build } = this
    const made = dynamicQuery<Value[]>(name)((param) => {
      const at = param as (name: string) => RawBuilder<Value>
      const rows = Array.from({ length: size }, (_, row) => {
        const cells = columns.map((_, column) => at(String(row * columns.length + column)))
        return sql`(${sql.join(cells)})`
      })
      const given = tables.with(`given(${columns.join(', ')})`, () => sql<never>`(VALUES ${sql.join(rows)})`)
      return build(given as unknown as WithRows)
    })
    this.bySize.set(size, made)
    return made
  }
}

/** A column of the given rows. */
export function given<T extends Value = number>(column: string): RawBuilder<T> {
  return sql.ref<T>(`given.${column}`)
}

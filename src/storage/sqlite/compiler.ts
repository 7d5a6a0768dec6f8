// How Kysely's queries become SQL for SQLite.

import { type Dialect, DummyDriver, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'

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

export const dialect: Dialect = {
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => new DummyDriver(),
  createIntrospector: (kysely) => new SqliteIntrospector(kysely),
  createQueryCompiler: () => new SteadyQueryCompiler(),
}
